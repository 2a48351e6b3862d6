import Foundation
import Networks
import Tensors
import Testing
import Training

@Suite struct TrainableNetworkTests {
    /// Central differences of the loss over single weights (f32, so a coarse step and tolerance).
    @Test(arguments: [
        "stem.weight", "stem_norm.weight", "stem_norm.bias", "depthwise.weight", "excite.weight", "excite.bias",
        "mix.weight", "mix.bias", "classifier.weight", "classifier.bias",
    ])
    func gradientsAgreeWithFiniteDifferences(name: String) throws {
        let network = try TinyNetwork.network()
        let batch = TinyNetwork.batch()
        let gradient = try #require(try network.gradients(batch).gradients[name])
        let weights = try network.weights()
        let step: Float = 2e-3
        for index in stride(from: 0, to: gradient.values.count, by: max(1, gradient.values.count / 5)) {
            func loss(_ change: Float) throws -> Double {
                var moved = weights
                moved[name]?.values[index] += change
                try network.setWeights(moved)
                return try network.gradients(batch).loss
            }
            let numeric = (try loss(step) - loss(-step)) / Double(2 * step)
            #expect(
                abs(numeric - Double(gradient.values[index])) < 2e-3 + 0.02 * abs(numeric),
                "\(name)[\(index)]: \(gradient.values[index]) against \(numeric)")
        }
    }

    @Test func frozenStagesKeepTheirWeights() throws {
        let network = try TinyNetwork.network()
        let before = try network.weights()
        try network.beginTraining(TrainingConfiguration(), classWeights: nil)
        try network.freeze(stagesBelow: 1)
        _ = try network.step(TinyNetwork.batch(), learningRate: 0.1, seed: 1)
        let after = try network.weights()
        #expect(after["stem.weight"] == before["stem.weight"])
        #expect(after["stem_norm.running_mean"] == before["stem_norm.running_mean"])
        #expect(after["mix.weight"] != before["mix.weight"])
    }

    @Test func averagesFollowTheWeights() throws {
        let network = try TinyNetwork.network()
        let before = try #require(try network.weights()["mix.bias"])
        try network.beginTraining(TrainingConfiguration(), classWeights: nil)
        _ = try network.step(TinyNetwork.batch(), learningRate: 0.1, seed: 1)
        let current = try #require(try network.weights()["mix.bias"])
        let average = try #require(try network.weights(.average)["mix.bias"])
        // After the first step the decay is min(0.99, (1 + 1) / (10 + 1)).
        for index in before.values.indices {
            let expected = before.values[index] + (current.values[index] - before.values[index]) * Float(9.0 / 11)
            #expect(abs(average.values[index] - expected) < 1e-5)
        }
    }

    @Test func notANumberStopsWithoutMovingAnything() throws {
        let network = try TinyNetwork.network()
        try network.beginTraining(TrainingConfiguration(), classWeights: nil)
        let before = try network.weights()
        let good = TinyNetwork.batch()
        var images = good.images
        images[7] = .nan
        let bad = Batch(images: images, labels: good.labels, height: good.height, width: good.width)
        let error = #expect(throws: TrainingError.self) { try network.step(bad, learningRate: 0.1, seed: 1) }
        #expect(error?.code == .notFinite)
        #expect(try network.weights() == before)
    }

    @Test func wrongLabelsAndWeightsAreRefused() throws {
        let network = try TinyNetwork.network()
        try network.beginTraining(TrainingConfiguration(), classWeights: nil)
        let good = TinyNetwork.batch()
        let bad = Batch(images: good.images, labels: [0, 1, 2, 4], height: good.height, width: good.width)
        #expect(throws: TrainingError.self) { try network.step(bad, learningRate: 0.1, seed: 1) }
        var weights = try network.weights()
        weights["mix.weight"] = Tensor(shape: [1], values: [0])
        #expect(throws: TrainingError.self) { try network.setWeights(weights) }
        weights["mix.weight"] = nil
        #expect(throws: TrainingError.self) { try network.setWeights(weights) }
    }

    @Test(arguments: [TrainingConfiguration.Optimizer.adamW, .sgd])
    func bothOptimizersLearnFourImagesByHeart(optimizer: TrainingConfiguration.Optimizer) throws {
        let network = try TinyNetwork.network()
        var configuration = TrainingConfiguration()
        configuration.optimizer = optimizer
        configuration.labelSmoothing = 0
        configuration.weightDecay = 0
        try network.beginTraining(configuration, classWeights: nil)
        var last = 0.0
        var first: Double?
        for step in 0..<400 {
            last = try network.step(
                TinyNetwork.batch(), learningRate: optimizer == .sgd ? 0.05 : 0.01, seed: UInt64(step)
            ).loss
            if first == nil { first = last }
        }
        #expect(last < (first ?? 0) / 4, "the loss went from \(first ?? 0) to \(last)")
    }
}
