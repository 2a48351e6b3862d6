import Foundation
import Networks
import Randomness
import Tensors

/// The steps by which one of the two networks learns, alike for both.
struct CellLearning {
    /// A varied image with what is asked of it: `[3 or more, side, side]`, and two lists in the shape of the network's answer.
    typealias Rendered = (image: [Float], targets: [Float], weights: [Float])

    /// What the network is called in a checkpoint.
    let name: String
    let configuration: CellTrainingConfiguration
    let steps: CellTrainingConfiguration.Steps
    /// Width and height of an image, in pixels.
    let side: Int
    let group: ProcessGroup
    /// Keeps where the training stands.
    let keep: (CellCheckpoint) throws -> Void

    /// Trains from random weights, or goes on.
    /// - Parameters:
    ///   - kept: Where an earlier training stood; nil for none.
    ///   - random: Decides every choice; the same in all processes.
    ///   - draw: Chooses the image for a place of a batch and how it is varied; what it returns renders it, and is asked in the
    ///     process alone whose place it is.
    ///   - observe: Step and smoothed loss.
    /// - Returns: The graph and its weights.
    func run(
        _ graph: Graph, _ weights: [String: Tensor], from kept: CellCheckpoint?, random seeded: SplitMix64,
        draw: (Int, inout SplitMix64) throws -> () throws -> Rendered, observe: (Int, Double) -> Void
    ) throws -> (Graph, [String: Tensor]) {
        guard steps.batchSize >= group.size else {
            throw TrainingError(
                .configuration,
                "\(group.size) processes cannot share a batch of \(steps.batchSize) cells; start at most so many")
        }
        let training = configuration.training(steps)
        let network = try TrainableNetwork(graph: graph, weights: weights, group: group)
        try network.beginTraining(training, classWeights: nil, completedSteps: kept?.step ?? 0)
        if let kept { try TrainingCheckpoint.restore(kept.tensors, into: network, configuration: training) }
        var random = kept?.random ?? seeded
        var average = kept?.average ?? 0
        for step in (kept?.step ?? 0)..<steps.count {
            if step % CellCheckpoint.interval == 0 {
                try network.broadcast()
                if step != kept?.step, group.isFirst {
                    let tensors = try TrainingCheckpoint.capture(network, configuration: training)
                    try keep(
                        CellCheckpoint(network: name, step: step, random: random, average: average, tensors: tensors))
                }
            }
            let (batch, targets, weights) = try batch(draw, &random)
            let loss = try network.targetStep(
                batch, targets: targets, weights: weights, learningRate: steps.learningRate(step: step),
                seed: UInt64(step))
            average = step == 0 ? loss : 0.98 * average + 0.02 * loss
            observe(step + 1, average)
        }
        return (graph, try network.weights())
    }

    /// This process's part of a batch.
    private func batch(
        _ draw: (Int, inout SplitMix64) throws -> () throws -> Rendered, _ random: inout SplitMix64
    ) throws -> (Batch, targets: [Float], weights: [Float]) {
        let own = group.part(of: steps.batchSize)
        var all: Rendered = ([], [], [])
        for place in 0..<steps.batchSize {
            let render = try draw(place, &random)
            guard own.contains(place) else { continue }
            let (image, targets, weights) = try render()
            all.image += image
            all.targets += targets
            all.weights += weights
        }
        let batch = Batch(
            images: all.image, labels: Array(repeating: 0, count: own.count), height: side, width: side)
        return (batch, all.targets, all.weights)
    }
}
