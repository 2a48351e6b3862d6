import Foundation
import Networks
import Packaging
import Tensors

/// Writes the package of a model that was fitted to a laboratory.
public struct AdaptedRelease {
    /// Names the packages that this wrote.
    static let tool = "leukoscope-lab adapt"

    let package: ModelPackage
    let images: PreparedImages
    let name: String
    let version: String

    /// - Parameter package: The released model that the adaptation began with.
    public init(package: ModelPackage, images: PreparedImages, name: String, version: String) {
        (self.package, self.images, self.name, self.version) = (package, images, name, version)
    }

    /// Puts the package in place in one step.
    /// - Throws: `TrainingError`, `NetworkError`, `PackagingError`; nothing is then written.
    public func write(_ outcome: SiteAdaptation.Outcome, to directory: URL) throws -> ModelPackage {
        let (graph, weights) = (outcome.graph, outcome.weights)
        let classifier = try ReleasedNetwork(package).graph.outputs.logits
        guard let weight = weights["\(classifier).weight"], let bias = weights["\(classifier).bias"] else {
            throw TrainingError(.library, "the adapted network has no classifier \(classifier)")
        }
        var description = package.description
        let onnx = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).onnx")
        defer { try? FileManager.default.removeItem(at: onnx) }  // a leftover temporary file harms nothing
        try ONNXWriter.write(
            graph, weights, inputHeight: description.input.height, inputWidth: description.input.width,
            metadata: ["name": name, "version": version], to: onnx)
        var parameters = try Safetensors.read(
            package.directory.appendingPathComponent(ModelPackage.FileName.parameters))
        parameters[ModelPackage.ParameterName.classifierWeight] = weight
        parameters[ModelPackage.ParameterName.classifierBias] = bias
        description.name = name
        description.version = version
        description.createdAt = Date()
        description.calibration = .init(temperature: outcome.temperature)
        description.conformal.thresholds = Dictionary(
            zip(images.classKeys, outcome.conformalThresholds), uniquingKeysWith: { first, _ in first })
        // How sure a report must be was chosen on the answers of the released model: the limit stays, the figures go.
        description.decision = .init(minimumConfidence: description.decision.minimumConfidence)
        description.provenance.tool = Self.tool
        return try ModelPackage.write(
            description, onnx: onnx, parameters: parameters, cells: package.cellModelURL,
            card: try card(outcome.report), metrics: try metrics(outcome.report), to: directory)
    }

    /// The card of the released model, and what was changed.
    private func card(_ report: SiteAdaptationReport) throws -> String {
        let original = try String(contentsOf: package.cardURL, encoding: .utf8)
        let base = "\(package.description.name) \(package.description.version)"
        return """
            # \(name) \(version)

            **Screening aid for qualified readers, not a diagnosis.**

            \(base), fitted to the images of one laboratory by `leukoscope-lab adapt` (data manifest SHA-256 \
            `\(images.manifestSHA256)`). It is for that laboratory alone. The figures below this section are those of \
            \(base).

            ## Fitted to a laboratory
            \(report.markdown)
            The images held back are of the same laboratory, and few; the prediction sets rest on \
            \(report.learningPerClass.values.reduce(0, +)) images.

            #\(original)
            """
    }

    private func metrics(_ report: SiteAdaptationReport) throws -> Data {
        var figures = try ModelFigures(of: package)
        figures.adaptation = report
        return try figures.json()
    }
}

/// The network of a model package, ready to be trained on: its batch normalisations are folded, as in the package.
struct ReleasedNetwork {
    let graph: Graph
    let weights: [String: Tensor]

    /// - Throws: `TrainingError` for an architecture that this version does not know, or `NetworkError`.
    init(_ package: ModelPackage) throws {
        let description = package.description
        guard let architecture = Architecture(rawValue: description.architecture) else {
            throw TrainingError(
                .configuration,
                "the package \(description.name) holds the network \"\(description.architecture)\", which this "
                    + "version cannot build")
        }
        guard description.provenance.tool != AdaptedRelease.tool else {
            throw TrainingError(
                .configuration,
                "\(description.name) was fitted to a laboratory already; begin with the model that it was made from")
        }
        let plain = architecture.graph(
            classes: description.classes.count, inputHeight: description.input.height,
            inputWidth: description.input.width)
        // Folding needs weights; only the graph that it gives is wanted here.
        graph = try BatchNormalizationFolding.fold(plain, plain.initialWeights(seed: 0)).0
        weights = try ONNXWeights.read(package.networkURL, graph: graph)
    }
}
