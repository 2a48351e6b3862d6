import Datasets
import Evaluation
import Formats
import Foundation
import Imaging
import Training

/// The figures of methods side by side: what `leukoscope-lab compare` writes as JSON.
public struct ComparisonResults: Codable, Sendable {
    public let manifestSHA256: String
    /// How the folds are cut: `blocks`, `random` or `patients`.
    public let split: String
    /// The number of folds.
    public let foldCount: Int
    /// The folds that were measured, counted from 1.
    public let folds: [Int]
    /// The test images of those folds.
    public let images: Int
    public let classKeys: [String]
    public let methods: [Method]
    /// The network that is trained where none is named.
    public let defaultMethod: String

    /// The figures of one method.
    public struct Method: Codable, Sendable {
        public let name: String
        /// For a fusion, the methods that are fused.
        public let members: [String]
        /// What decided the outcome, as JSON.
        public let settings: String
        /// The settings chosen on the validation part, one a fold.
        public let chosen: [[String: Double]]
        /// One a fold, calibrated, without intervals.
        public let folds: [ClassificationMetrics]
        /// All test images together, each answered by the method that had not seen it, with intervals.
        public let pooled: ClassificationMetrics
        /// Mean over the folds, by figure.
        public let mean: [String: Double]
        /// The lowest fold (the highest for `ece15` and `brier`), by figure.
        public let worst: [String: Double]
        public let predictionSets: PredictionSetResults
        /// The images as they are, without colour, and under each shift of the stain.
        public let variations: [AuditResults.Variation]
        /// The numbers that the fitted method stores, mean over the folds.
        public let parameters: Int
        /// Processor time from the decoded image to the answer, one at a time on one thread, mean over the folds.
        public let millisecondsPerImage: Double
        /// Training time of one fold, mean over the folds.
        public let trainingSeconds: Double
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }
}

extension ComparisonResults.Method {
    /// Loss of macro-F1 in grey images, mean over the folds.
    public var greyscaleLoss: Double? {
        variations.first { $0.name == ImageVariation.greyscale.rawValue }?.loss["macroF1"]
    }

    /// The greatest loss of macro-F1 under a shift of the stain, mean over the folds, and which it is.
    public var worstStain: (name: String, loss: Double)? {
        variations.filter(\.isStainShift).compactMap { one in one.loss["macroF1"].map { (one.name, $0) } }
            .max { $0.1 < $1.1 }
    }

    /// Mean over the folds.
    var macroF1: Double { mean["macroF1"] ?? 0 }
}

extension ComparisonResults {
    typealias Measured = (name: String, folds: [MeasuredFold], members: [String])

    init(
        plan: Comparison.Plan, items: [TrainingImage], numbers: [Int], defaultMethod: String, methods: [Measured]
    ) throws {
        manifestSHA256 = plan.dataset.manifest.sha256
        split = plan.split.rawValue
        foldCount = plan.foldCount
        folds = numbers
        images = methods.first?.folds.reduce(0) { $0 + $1.result.test.count } ?? 0
        classKeys = plan.classKeys
        self.methods = try methods.map { try Method($0, items: items, classKeys: plan.classKeys) }
        self.defaultMethod = defaultMethod
    }
}

extension ComparisonResults.Method {
    init(_ measured: ComparisonResults.Measured, items: [TrainingImage], classKeys: [String]) throws {
        let measurements = measured.folds.map(\.measurement)
        // Each fold is calibrated on the answers to the others; a single one on its validation part.
        let judged = try JudgedFolds(
            measured.folds.map(\.result), source: measured.folds.count > 1 ? .otherFolds : .ownValidation)
        name = measured.name
        members = measured.members
        settings = measured.folds.first?.result.configurationJSON ?? ""
        chosen = measurements.map(\.chosen)
        let folds = try judged.judged.map { try ClassificationMetrics($0, classKeys: classKeys, bootstrap: nil) }
        self.folds = folds
        pooled = try ClassificationMetrics(judged.judged.flatMap { $0 }, classKeys: classKeys)
        predictionSets = try PredictionSetResults(judged, classes: classKeys.count)
        let columns = Dictionary(
            CrossValidationResults.figures.map { name, figure in (name, folds.compactMap(figure)) },
            uniquingKeysWith: { first, _ in first }
        ).filter { !$1.isEmpty }
        mean = columns.mapValues { $0.reduce(0, +) / Double($0.count) }
        worst = Dictionary(
            columns.map { name, values in
                (name, (CrossValidationResults.isBetterLow(name) ? values.max() : values.min()) ?? 0)
            }, uniquingKeysWith: { first, _ in first })
        variations = try Self.variations(measured.folds, items: items, classes: classKeys.count)
        let count = Double(max(1, measurements.count))
        parameters = Int((Double(measurements.reduce(0) { $0 + $1.parameters }) / count).rounded())
        millisecondsPerImage = measurements.reduce(0) { $0 + $1.millisecondsPerImage } / count
        trainingSeconds = measurements.reduce(0) { $0 + $1.trainingSeconds } / count
    }

    private static func variations(_ folds: [MeasuredFold], items: [TrainingImage], classes: Int) throws
        -> [AuditResults.Variation]
    {
        let positions = Dictionary(zip(items.map(\.id), items.indices), uniquingKeysWith: { first, _ in first })
        let answers: [RobustnessAudit.FoldAnswers] = folds.map { fold in
            let unchanged: (ImageVariation?, [Int]) = (nil, fold.result.test.map(\.logits.argmax))
            let changed = fold.measurement.changed.map { one in
                (Optional(one.variation), one.logits.map(\.argmax))
            }
            return (fold.result.test.compactMap { positions[$0.id] }, [unchanged] + changed)
        }
        return try RobustnessAudit(
            images: AuditImages(items: items, preprocessing: .standard()), classes: classes, progress: { _, _, _ in }
        ).variations(answers)
    }
}

extension ComparisonResults {
    /// How far a method may be behind the best and still count as its equal, in macro-F1: one point.
    static let margin = 0.01

    /// What a method may lose under its worst stain shift and still be fit for other laboratories, in macro-F1: three points.
    static let allowedStainLoss = 0.03

    /// The best trade: of the methods that no stain shift costs more than is allowed, those within a point of the best of them,
    /// and of these the one that answers fastest. nil where every method leans on the stain.
    public var bestTrade: Method? {
        let fit = methods.filter { ($0.worstStain?.loss ?? .infinity) <= Self.allowedStainLoss }
        let highest = fit.map(\.macroF1).max() ?? 0
        return fit.filter { highest - $0.macroF1 <= Self.margin }
            .min { $0.millisecondsPerImage < $1.millisecondsPerImage }
    }

    /// Which method is the default, and whether the figures say so too.
    var verdict: String {
        guard let best = methods.max(by: { $0.macroF1 < $1.macroF1 }) else { return "" }
        let found = bestTrade.map { "That is `\($0.name)`: \(facts(of: $0))." } ?? "There is none here."
        return
            "The highest mean macro-F1 is that of `\(best.name)`, \(Self.share(best.macroF1)). The best trade is sought among "
            + "the methods that lose at most \(Self.points(Self.allowedStainLoss)) points under their worst stain shift: of those "
            + "within one point of the highest macro-F1 among them, the fastest. \(found) \(wordsOfDefault(best))"
    }

    private func wordsOfDefault(_ best: Method) -> String {
        guard let shipped = methods.first(where: { $0.name == defaultMethod }) else {
            return "The default, `\(defaultMethod)`, was not measured here."
        }
        guard bestTrade?.name != defaultMethod else { return "It is the default." }
        return "The default is `\(shipped.name)`: \(facts(of: shipped)). It is "
            + "\(Self.points(best.macroF1 - shipped.macroF1)) points below the highest macro-F1. By this rule it would be "
            + "another; see [experiments](experiments.md) for what else decided."
    }

    private func facts(of method: Method) -> String {
        let stain =
            method.worstStain.map {
                "\(Self.points($0.loss)) points lost under its worst stain shift (`\($0.name)`), "
            } ?? ""
        return "macro-F1 \(Self.share(method.macroF1)), worst fold \(Self.share(method.worst["macroF1"])), " + stain
            + "\(String(format: "%.1f", method.millisecondsPerImage)) ms an image, \(Self.count(method.parameters)) numbers"
    }

    static func share(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }

    static func percent(_ value: Double) -> String { String(format: "%.0f %%", value * 100) }

    /// Hundredths.
    static func points(_ value: Double?) -> String { value.map { String(format: "%.1f", $0 * 100) } ?? "–" }

    /// `0.09 million`, `3.38 million`, `5120`.
    static func count(_ value: Int) -> String {
        guard value < 10_000 else { return String(format: "%.2f million", Double(value) / 1e6) }
        return "\(value)"
    }
}
