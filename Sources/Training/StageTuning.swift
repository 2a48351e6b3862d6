import Foundation
import Imaging
import Randomness
import Tensors

/// A short training of the last stages of a released network on a few images.
struct StageTuning: Sendable {
    /// How a tuning goes; fixed, because a few images cannot choose more than the depth.
    struct Schedule: Sendable {
        var epochs = 24
        var batchSize = 16
        var learningRate = 1e-3
        /// The lowest stage that is trained; the stages below keep their weights.
        var firstStage: Int
    }

    let network: ReleasedNetwork
    let images: PreparedImages
    let seed: UInt64

    /// Tunes from the released weights.
    /// - Parameters:
    ///   - training: the images' numbers; every class weighs the same, however many images it has.
    ///   - shouldStop: asked between batches.
    /// - Returns: the tuned network.
    /// - Throws: ``TrainingError``.
    func tuned(
        _ schedule: Schedule, on training: [Int], shouldStop: () -> Bool = { false }
    ) throws -> TrainableNetwork {
        var configuration = TrainingConfiguration()
        configuration.batchSize = min(schedule.batchSize, max(2, training.count))
        configuration.epochs = schedule.epochs
        configuration.learningRate = schedule.learningRate
        configuration.weightDecay = 0.01
        configuration.labelSmoothing = 0.05
        configuration.averageDecay = 0.9
        configuration.warmUpEpochs = 1
        configuration.groupBalance = 1
        let tuned = try TrainableNetwork(graph: network.graph, weights: network.weights)
        try tuned.beginTraining(configuration, classWeights: nil)
        try tuned.freeze(stagesBelow: schedule.firstStage)
        let order = EpochOrder(training: training, labels: images.labels, series: [], balance: 1)
        let steps = max(1, training.count / configuration.batchSize)
        let rates = LearningRateSchedule(configuration: configuration, stepsPerEpoch: steps)
        var step = 0
        for epoch in 0..<schedule.epochs {
            var generator = SplitMix64(seed: seed, UInt64(epoch))
            let loader = BatchLoader(
                cache: images.cache, labels: images.labels, order: order.images(using: &generator),
                batchSize: configuration.batchSize, dropsRemainder: true, augmentation: .moderate,
                seed: generator.next())
            while let batch = try loader.nextBatch() {
                if shouldStop() { throw TrainingError(.interrupted, "stopped; nothing was written") }
                let rate = rates.learningRate(step: step)
                _ = try tuned.step(batch, learningRate: rate, seed: generator.next())
                step += 1
            }
        }
        let weights = try tuned.weights(.average)
        try tuned.freeze(stagesBelow: 0)
        try tuned.setWeights(weights)
        return tuned
    }
}
