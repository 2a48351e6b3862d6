import Crypto
import Evaluation
import Findings
import Formats
import Foundation
import Imaging
import Networks
import Packaging
import Tensors

/// Turns a finished training into a model package.
public struct ModelRelease {
    /// What a person decides about a package.
    public struct Identity: Sendable {
        public let name: String
        public let version: String
        /// Marks a package that was trained on drawn smears.
        public let demonstration: Bool

        public init(name: String, version: String, demonstration: Bool = false) {
            (self.name, self.version, self.demonstration) = (name, version, demonstration)
        }
    }

    /// What is known about the recipe, to be carried in the package.
    public struct Measurements: Sendable {
        public let crossValidation: CrossValidationResults?
        /// A cross-validation of the split `series`.
        public let leftOutSeries: CrossValidationResults?
        /// Earlier versions and what changed, in Markdown.
        public let history: String?
        /// The images it was trained on.
        public var data: TrainingData?
        /// Why it is released although its training came to nothing; nil where it did not.
        public var despite: DespiteFaults?

        public init(
            crossValidation: CrossValidationResults? = nil, leftOutSeries: CrossValidationResults? = nil,
            history: String? = nil, data: TrainingData? = nil
        ) {
            (self.crossValidation, self.leftOutSeries, self.history) = (crossValidation, leftOutSeries, history)
            self.data = data
        }
    }

    let configuration: TrainingConfiguration
    let images: PreparedImages
    let parts: Trainer.Parts
    let identity: Identity

    public init(
        configuration: TrainingConfiguration, images: PreparedImages, parts: Trainer.Parts, identity: Identity
    ) {
        (self.configuration, self.images, self.parts, self.identity) = (configuration, images, parts, identity)
    }

    /// Folds the batch normalisation, writes ONNX and description, and puts the package in place in one step.
    /// - Parameter measured: Results to carry as the package's figures; without them the figures of the validation images
    ///   are carried, and named so.
    @discardableResult
    public func write(_ outcome: TrainingRun.Outcome, measured: Measurements, to directory: URL) throws -> ModelPackage
    {
        let crossValidation = measured.crossValidation
        let weights = try outcome.network.weights()
        let (graph, folded) = try BatchNormalizationFolding.fold(outcome.network.graph, weights)
        let pipeline = configuration.preprocessing
        let onnx = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).onnx")
        defer { try? FileManager.default.removeItem(at: onnx) }  // a leftover temporary file harms nothing
        try ONNXWriter.write(
            graph, folded, inputHeight: pipeline.outputHeight, inputWidth: pipeline.outputWidth,
            metadata: ["name": identity.name, "version": identity.version], to: onnx)
        let classifier = outcome.network.graph.outputs.logits
        guard let weight = weights["\(classifier).weight"], let bias = weights["\(classifier).bias"] else {
            throw TrainingError(.library, "the trained network has no classifier \(classifier)")
        }
        let novelty = try AppearanceNovelty(of: images, indices: parts.training + parts.validation)
        let parameters = [
            ModelPackage.ParameterName.classifierWeight: weight,
            ModelPackage.ParameterName.classifierBias: bias,
            ModelPackage.ParameterName.centroids: outcome.calibrated.centroids,
        ].merging(novelty.reference.parameters) { $1 }
        let temperature = crossValidation?.shipped.calibrator.temperature ?? outcome.calibrated.temperature
        let figures = try ModelFigures(
            validation: ClassificationMetrics(
                outcome.validation.labelled(images.items, temperature: temperature), classKeys: images.classKeys),
            crossValidation: crossValidation, leftOutSeries: measured.leftOutSeries,
            reference: reference(outcome, crossValidation, novelty), adaptation: nil,
            data: measured.data, despite: measured.despite,
            parameterCount: outcome.network.graph.trainableParameterCount)
        let description = try describe(outcome, crossValidation, novelty)
        let card = ModelCard(description: description, figures: figures, history: measured.history)
        return try ModelPackage.write(
            description, onnx: onnx, parameters: parameters,
            references: ReferenceSelection.choose(
                outcome.training, items: images.items, classes: images.classKeys.count),
            card: card.markdown, metrics: figures.json(), to: directory)
    }

    private func reference(
        _ outcome: TrainingRun.Outcome, _ crossValidation: CrossValidationResults?, _ novelty: AppearanceNovelty
    ) throws -> ReferenceDistribution {
        let temperature = crossValidation?.shipped.calibrator.temperature ?? outcome.calibrated.temperature
        let answers = zip(
            outcome.validation.probabilities(temperature: temperature),
            try novelty.scores(of: images, indices: outcome.validation.indices)
        ).map { probabilities, novelty in
            let best = probabilities.argmax
            return (label: images.classKeys[best], confidence: probabilities[best], novelty: novelty)
        }
        return ReferenceDistribution(source: .validation, answers: answers, classKeys: images.classKeys)
    }

    /// Temperature, conformal thresholds and smallest confidence come from the cross-validation where there is one: it has ten
    /// times the images, and most validation images of a good network are too easy to fit anything on. The limit of novelty for
    /// Benign comes from validation images always: no test image has a part in it.
    private func describe(
        _ outcome: TrainingRun.Outcome, _ crossValidation: CrossValidationResults?, _ novelty: AppearanceNovelty
    ) throws -> ModelDescription {
        let pipeline = configuration.preprocessing
        let graph = outcome.network.graph
        let shapes = try graph.shapes(inputHeight: pipeline.outputHeight, inputWidth: pipeline.outputWidth)
        guard let map = shapes[graph.outputs.featureMap], map.count >= 2 else {
            throw TrainingError(.library, "the graph has no feature map \(graph.outputs.featureMap)")
        }
        let calibrated = outcome.calibrated
        let thresholds = Dictionary(
            zip(images.classKeys, calibrated.conformalThresholds), uniquingKeysWith: { first, _ in first })
        var description = ModelDescription(
            name: identity.name, version: identity.version, createdAt: Date(),
            architecture: configuration.architecture,
            input: .init(width: pipeline.outputWidth, height: pipeline.outputHeight),
            outputs: .init(
                embeddingSize: graph.embeddingSize, featureMapWidth: map[map.count - 1],
                featureMapHeight: map[map.count - 2],
                stages: try Self.stages(
                    of: graph, inputHeight: pipeline.outputHeight, inputWidth: pipeline.outputWidth)),
            decoding: .init(minimumSide: images.cache.sight.minimumSide), preprocessing: pipeline.steps,
            calibration: .init(temperature: calibrated.temperature),
            conformal: .init(coverage: calibrated.coverage, thresholds: thresholds),
            novelty: novelty.description, quality: try QualityLimits(of: images, indices: parts.training),
            decision: .init(minimumConfidence: CalibratedModel.minimumConfidence), precision: .f32,
            demonstration: identity.demonstration,
            notice: identity.demonstration ? "drawn image, demonstration model" : nil,
            provenance: .init(
                dataManifestSHA256: images.manifestSHA256,
                configurationSHA256: Data(try configuration.decisiveJSON().utf8).sha256Hex,
                seed: configuration.seed, trainingImages: parts.training.count,
                epochs: outcome.history.epochs.count, tool: "leukoscope-lab"))
        if let crossValidation {
            description.settle(
                by: crossValidation.shipped, coverage: crossValidation.predictionSets.coverage,
                classKeys: images.classKeys)
        }
        description.novelty.benignThreshold = try outcome.validation.benignNoveltyLimit(
            images, novelty: novelty, temperature: description.calibration.temperature,
            thresholds: images.classKeys.map { description.conformal.thresholds[$0] ?? 1 }, limits: .init(description)
        )?.value
        return description
    }

    /// What a description declares as stages: results of the graph by their names in the ONNX file.
    /// - Throws: `NetworkError`.
    public static func stages(of graph: Graph, inputHeight: Int, inputWidth: Int) throws -> [ModelDescription.Stage] {
        try graph.shownStages(inputHeight: inputHeight, inputWidth: inputWidth).map { stage in
            ModelDescription.Stage(
                name: stage.name, tensor: stage.node == graph.outputs.featureMap ? "features" : stage.node,
                channels: stage.channels, width: stage.width, height: stage.height)
        }
    }
}

extension ModelDescription {
    /// Takes temperature, prediction sets and the smallest confidence of a report from a calibration on other answers.
    fileprivate mutating func settle(by fit: CrossCalibration.Fit, coverage: Double, classKeys: [String]) {
        calibration = .init(temperature: fit.calibrator.temperature)
        conformal = .init(
            coverage: coverage,
            thresholds: Dictionary(zip(classKeys, fit.thresholds), uniquingKeysWith: { first, _ in first }))
        decision = .init(fit.selection)
    }
}

extension ModelPackage {
    /// The package of a fold with the limits that its figures were decided by: those of the other folds. Its own validation
    /// part has too few images of a class to ever leave one out.
    /// - Throws: `PackagingError`, or an error of the file system; the package is then unchanged.
    func settled(by fit: CrossCalibration.Fit, coverage: Double, classKeys: [String]) throws {
        var settled = description
        settled.settle(by: fit, coverage: coverage, classKeys: classKeys)
        guard settled != description else { return }
        let metrics = try Data(contentsOf: metricsURL)
        let figures = try ModelFigures(json: metrics, path: metricsURL.path)
        try ModelPackage.write(
            settled, onnx: networkURL,
            parameters: Safetensors.read(directory.appendingPathComponent(FileName.parameters)),
            references: references, cells: cellModelURL,
            card: ModelCard(description: settled, figures: figures, history: nil).markdown, metrics: metrics,
            to: directory)
    }
}

extension ModelDescription.DecisionLimits {
    /// As chosen from a risk–coverage curve.
    init(_ chosen: SelectiveThreshold) {
        self.init(
            minimumConfidence: chosen.minimumConfidence,
            selection: .init(
                maximumRisk: chosen.rule.maximumRisk, minimumCoverage: chosen.rule.minimumCoverage,
                lowestConfidence: chosen.rule.lowestConfidence, risk: chosen.risk, coverage: chosen.coverage,
                images: chosen.images, isReached: chosen.isReached))
    }
}

extension Data {
    /// SHA-256 in lower-case hexadecimal.
    package var sha256Hex: String { SHA256.hash(data: self).hexadecimal }
}
