import Foundation

/// Times the steps of a training end to end: files are decoded anew for every batch, augmented, and trained on.
public struct TrainingBenchmark {
    let configuration: TrainingConfiguration
    let items: [TrainingImage]
    let pretrained: URL
    let group: ProcessGroup

    /// - Parameter group: The processes that share every batch.
    public init(
        configuration: TrainingConfiguration, items: [TrainingImage], pretrained: URL, group: ProcessGroup = .alone
    ) {
        (self.configuration, self.items) = (configuration, items)
        (self.pretrained, self.group) = (pretrained, group)
    }

    /// - Returns: The time of `steps` steps after `warmUp` untimed ones.
    public func run(steps: Int, warmUp: Int) throws -> Duration {
        var uncached = configuration
        uncached.cacheMegabytes = 0
        let images = try PreparedImages(
            items: items, classKeys: (0...(items.map(\.label).max() ?? 0)).map(String.init), manifestSHA256: "",
            configuration: uncached)
        let threads = configuration.threads > 0 ? configuration.threads : ProcessInfo.processInfo.activeProcessorCount
        TrainableNetwork.prepare(threads: threads)
        let weights = try TrainingRun.initialWeights(configuration, classes: 4, folder: pretrained)
        let network = try TrainableNetwork(
            graph: TrainingRun.graph(configuration, classes: 4), weights: weights, group: group)
        try network.beginTraining(configuration, classWeights: nil)
        let wanted = (steps + warmUp) * configuration.batchSize
        var order = Array(items.indices)
        while order.count < wanted { order += items.indices }
        let loader = BatchLoader(
            cache: images.cache, labels: images.labels, order: Array(order.prefix(wanted)),
            batchSize: configuration.batchSize, dropsRemainder: true, augmentation: configuration.augmentation, seed: 1,
            group: group)
        var started = ContinuousClock.now
        var step = 0
        while let batch = try loader.nextBatch() {
            if step == warmUp { started = .now }
            _ = try network.step(batch, learningRate: configuration.learningRate, seed: UInt64(step))
            step += 1
        }
        return ContinuousClock.now - started
    }
}
