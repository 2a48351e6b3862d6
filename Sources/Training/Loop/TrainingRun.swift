import Datasets
import Foundation
import Imaging
import Networks
import Packaging
import Tensors

/// A data set made ready for training: images in memory, labels, groups.
public struct PreparedImages: Sendable {
    public let items: [TrainingImage]
    /// Class keys in the order of the labels.
    public let classKeys: [String]
    /// Identifies the images and labels; SHA-256 of the manifest.
    public let manifestSHA256: String
    let cache: ImageCache

    /// Decodes and preprocesses all images.
    /// - Throws: `TrainingError` naming the first unreadable file.
    public init(
        items: [TrainingImage], classKeys: [String], manifestSHA256: String, configuration: TrainingConfiguration,
        minimumSide: Int? = nil, observe: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
    ) throws {
        guard !items.isEmpty else { throw TrainingError(.data, "there are no images to train on") }
        (self.items, self.classKeys, self.manifestSHA256) = (items, classKeys, manifestSHA256)
        cache = try ImageCache(
            urls: items.map(\.url), preprocessing: configuration.preprocessing, minimumSide: minimumSide,
            megabytes: configuration.cacheMegabytes,
            progress: { observe(.imagesRead(done: $0, of: items.count)) })
    }

    /// Decodes the images of a data set with the steps of a model package.
    /// - Throws: `TrainingError` naming the first unreadable file.
    public init(
        _ dataset: Dataset, for package: ModelPackage,
        observe: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
    ) throws {
        var configuration = TrainingConfiguration()
        configuration.preprocessing = package.pipeline
        try self.init(
            items: dataset.items.map(TrainingImage.init), classKeys: package.description.classKeys,
            manifestSHA256: dataset.manifest.sha256, configuration: configuration,
            minimumSide: package.sight.minimumSide, observe: observe)
    }

    var labels: [Int] { items.map(\.label) }
}

/// One training from initial weights to a calibrated model.
public struct TrainingRun {
    let configuration: TrainingConfiguration
    let images: PreparedImages
    let parts: Trainer.Parts
    let directory: URL
    let pretrained: URL
    let initialWeights: [String: Tensor]
    let group: ProcessGroup

    /// - Parameters:
    ///   - pretrained: The folder of ImageNet weights, `.deps/weights`; process 0 alone reads it.
    ///   - group: The processes that train together, all given the same.
    public init(
        configuration: TrainingConfiguration, images: PreparedImages, parts: Trainer.Parts, directory: URL,
        pretrained: URL, group: ProcessGroup = .alone
    ) throws {
        (self.configuration, self.images, self.parts) = (configuration, images, parts)
        (self.directory, self.pretrained, self.group) = (directory, pretrained, group)
        let classes = images.classKeys.count
        initialWeights =
            group.isFirst
            ? try Self.initialWeights(configuration, classes: classes, folder: pretrained)
            : try Self.graph(configuration, classes: classes).initialWeights(seed: configuration.seed)
    }

    /// A trained network with what was fitted on its validation images.
    public struct Outcome {
        public let network: TrainableNetwork
        public let calibrated: CalibratedModel
        /// Answers to the training images, unaugmented.
        public let training: Predictions
        public let validation: Predictions
        public let history: TrainingHistory
    }

    /// Trains, or goes on, and calibrates. Blocks; see `Trainer/run(resume:)`.
    public func run(
        resume: Bool, observe: @escaping (TrainingEvent) -> Void, shouldStop: @escaping () -> Bool
    ) throws -> Outcome {
        let (network, history) = try trained(resume: resume, observe: observe, shouldStop: shouldStop)
        let predictor = NetworkPredictor(network: network)
        func predict(_ indices: [Int]) throws -> Predictions {
            try predictor.predict(cache: images.cache, labels: images.labels, indices: indices, sharedAmong: group)
        }
        let (training, validation) = (try predict(parts.training), try predict(parts.validation))
        let calibrated = try CalibratedModel(
            training: training, validation: validation, classes: images.classKeys.count)
        return Outcome(
            network: network, calibrated: calibrated, training: training, validation: validation,
            history: history)
    }

    /// Trains the teacher, where there is one, in a folder within that of the run, and then the network.
    private func trained(
        resume: Bool, observe: @escaping (TrainingEvent) -> Void, shouldStop: @escaping () -> Bool
    ) throws -> (TrainableNetwork, TrainingHistory) {
        let teacher = try configuration.teacherConfiguration.map { configuration in
            try TrainingRun(
                configuration: configuration, images: images, parts: parts,
                directory: directory.appendingPathComponent("teacher"), pretrained: pretrained, group: group
            ).trained(resume: resume, observe: observe, shouldStop: shouldStop).0
        }
        let trainer = try Trainer(
            configuration: configuration, initialWeights: initialWeights, cache: images.cache, labels: images.labels,
            sources: images.items.map { configuration.grouping == .runs ? $0.run ?? $0.series : $0.series },
            classCount: images.classKeys.count, parts: parts,
            dataFingerprint: images.manifestSHA256, teacher: teacher, group: group, directory: directory,
            observe: observe, shouldStop: shouldStop)
        return (try trainer.run(resume: resume), trainer.history)
    }

    /// The architecture for the size of image that the preprocessing yields, with the configured momentum.
    static func graph(_ configuration: TrainingConfiguration, classes: Int) throws -> Graph {
        let pipeline = configuration.preprocessing
        let graph = try configuration.resolvedArchitecture.graph(
            classes: classes, inputHeight: pipeline.outputHeight, inputWidth: pipeline.outputWidth)
        let nodes = graph.nodes.map { node in
            guard case .batchNormalization(let channels, let epsilon, _) = node.operation else { return node }
            return Node(
                name: node.name,
                operation: .batchNormalization(
                    channels: channels, epsilon: epsilon, momentum: configuration.batchNormalizationMomentum),
                inputs: node.inputs, stage: node.stage)
        }
        return Graph(
            name: graph.name, input: graph.input, inputChannels: graph.inputChannels, nodes: nodes,
            outputs: graph.outputs)
    }

    static func initialWeights(_ configuration: TrainingConfiguration, classes: Int, folder: URL) throws
        -> [String: Tensor]
    {
        let architecture = try configuration.resolvedArchitecture
        let graph = try graph(configuration, classes: classes)
        guard configuration.pretrained, let file = architecture.pretrained else {
            return graph.initialWeights(seed: configuration.seed)
        }
        let url = folder.appendingPathComponent(file)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw TrainingError(
                .configuration,
                "the ImageNet weights \(url.path) are missing; run Scripts/bootstrap.sh test, "
                    + "or set \"pretrained\" to false")
        }
        return try graph.initialWeights(seed: configuration.seed, pretrained: Safetensors.read(url))
    }
}
