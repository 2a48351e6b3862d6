import Evaluation
import Formats
import Foundation
import Imaging
import Packaging

/// The model card, in the sections of Mitchell et al. 2019 ("Model Cards for Model Reporting", figure 1), with how inputs
/// are refused and what earlier versions there were.
///
/// Every figure comes from the results it is given; a part that the package has no results for says so.
struct ModelCard {
    let description: ModelDescription
    let figures: ModelFigures
    /// Markdown below a heading of its own; nil where nothing is known.
    var history: String?

    var markdown: String {
        let sections =
            description.demonstration
            ? [title, details, demonstrationUse, demonstrationData, metrics, validationFigures, limits]
            : [
                title, details, use, factors, metrics, evaluationData, trainingData, analyses, failures, refusal,
                ethics,
                limits, versions,
            ]
        return sections.joined(separator: "\n\n") + "\n"
    }

    /// Three digits after the point, a dash for what the images do not define.
    static func number(_ value: Double?, places: Int = 3) -> String {
        value.map { String(format: "%.\(places)f", $0) } ?? "–"
    }

    /// A share in per cent.
    static func percent(_ share: Double?, places: Int = 1) -> String {
        share.map { String(format: "%.\(places)f %%", $0 * 100) } ?? "–"
    }

    /// A table in GitHub-flavoured Markdown.
    static func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
            .joined(separator: "\n")
    }

    private var title: String {
        """
        # \(description.name) \(description.version)

        **Screening aid for qualified readers, not a diagnosis.**\(warning)
        """
    }

    private var warning: String {
        guard let despite = figures.despite else { return "" }
        return
            "\n\n**Its training came to nothing**: \(despite.faults.joined(separator: "; ")). It was released all the "
            + "same: \(despite.reason)"
    }

    private var details: String {
        let provenance = description.provenance
        let parameters = figures.parameterCount.map { ", \($0) parameters" } ?? ""
        let calibration =
            "one temperature of \(Self.number(description.calibration.temperature)); prediction sets of "
            + "\(Self.percent(description.conformal.coverage, places: 0)) coverage in each class"
        return """
            ## Model details
            - Network: `\(description.architecture)`\(parameters), input \(description.input.width) × \
            \(description.input.height) pixels, RGB, made \(description.createdAt.formatted(.iso8601.year().month().day())).
            - Classes: \(description.classes.map(\.displayName).joined(separator: "; ")).
            - Preprocessing: \(description.preprocessing.map(\.parametersInWords).joined(separator: "; ")).
            - Calibration: \(calibration).
            - Trained by `\(provenance.tool) train` for \(provenance.epochs) epochs, seed \(provenance.seed); \
            configuration SHA-256 `\(provenance.configurationSHA256)`, data manifest SHA-256 \
            `\(provenance.dataManifestSHA256)`.
            - Licence, source and where to ask: the README and CONTRIBUTING.md of the project that this file comes with.
            """
    }

    private var demonstrationUse: String {
        """
        ## Intended use
        To show how Leukoscope works, on images that Leukoscope draws itself. It has never seen a blood cell and must not \
        be used on photographs.
        """
    }

    private var demonstrationData: String {
        """
        ## Data
        \(description.provenance.trainingImages) drawn smears for training and \(figures.validation.images) for \
        validation, made by `leukoscope-lab draw`; the classes differ in morphology only.
        """
    }

    private var versions: String {
        let text = history?.trimmingCharacters(in: .whitespacesAndNewlines)
        return "## Version history\n" + (text ?? "No earlier version is recorded with the package.")
    }
}

/// The card of a package that is there already.
public struct PackageCard {
    private let package: ModelPackage

    public init(_ package: ModelPackage) { self.package = package }

    /// Puts results into `metrics.json`, where some are given, and writes `MODEL_CARD.md` from what the package holds.
    ///
    /// - Parameters:
    ///   - leftOutSeries: Results of the split `series`.
    ///   - data: The images it was trained on.
    ///   - history: Earlier versions and what changed, in Markdown.
    /// - Throws: `TrainingError` when the package's figures cannot be read, `PackagingError`, or what writing throws.
    public func write(
        leftOutSeries: CrossValidationResults?, data: TrainingData? = nil, history: String?
    ) throws {
        var json = try Data(contentsOf: package.metricsURL)
        if let leftOutSeries {
            json = try MetricsFile.adding("leftOutSeries", leftOutSeries, to: json)
        }
        if let data { json = try MetricsFile.adding("data", data, to: json) }
        let figures = try ModelFigures(json: json, path: package.metricsURL.path)
        let card = ModelCard(description: package.description, figures: figures, history: history)
        if leftOutSeries != nil || data != nil { try json.write(to: package.metricsURL, options: .atomic) }
        try Data(card.markdown.utf8).write(to: package.cardURL, options: .atomic)
    }
}

/// `metrics.json` of a model package: how good the model is, and the protocol by which that was measured.
public struct ModelFigures: Codable, Sendable {
    /// On the held-out part of the training images, which calibration and thresholds were fitted on: not a test.
    public let validation: ClassificationMetrics
    /// The same recipe, cross-validated; nil where that was not run.
    public let crossValidation: CrossValidationResults?
    /// The same recipe with one acquisition series left out at a time; nil where that was not run.
    public let leftOutSeries: CrossValidationResults?
    /// How the model answered the validation images: what its answers in use are compared with.
    public let reference: ReferenceDistribution?
    /// What fitting the model to a laboratory gave; nil where it was not.
    public var adaptation: SiteAdaptationReport?
    /// How the limits of agreement with the cells were chosen; nil for a package that reads no cells.
    public var cells: CellAgreement?
    /// The images it was trained on; nil for a package of before this was kept.
    public var data: TrainingData?
    /// That it was released although its training came to nothing.
    public var despite: DespiteFaults?
    /// Trainable numbers of the network.
    public let parameterCount: Int?

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }
}

extension ModelFigures {
    /// Those of a package.
    /// - Throws: `TrainingError` when they cannot be read.
    init(of package: ModelPackage) throws {
        try self.init(json: Data(contentsOf: package.metricsURL), path: package.metricsURL.path)
    }

    init(json: Data, path: String) throws {
        do { self = try JSONDecoder().decode(ModelFigures.self, from: json) } catch {
            throw TrainingError(.data, "\(path) cannot be read, or another version wrote it: \(error)")
        }
    }
}
