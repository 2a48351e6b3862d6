import Foundation
import Networks
import Tensors
import Testing
import Training

extension TorchTests {
    @Suite struct TrainableNetworkTests {
        @Test func `forward and gradients are those of PyTorch`() throws {
            let golden = try TinyNetwork.golden()
            let network = try TinyNetwork.network()
            let batch = try TinyNetwork.goldenBatch()
            let output = try network.forward(batch)
            try expectClose(output.logits, golden["logits"], tolerance: 1e-5, "logits")
            try expectClose(output.embedding, golden["embedding"], tolerance: 1e-5, "embedding")
            let (loss, gradients) = try network.gradients(batch)
            #expect(abs(loss - Double(golden["loss"]?.values.first ?? .nan)) < 1e-5)
            #expect(gradients.count == golden.keys.filter { $0.hasPrefix("gradient/") }.count)
            for (name, gradient) in gradients {
                try expectClose(gradient, golden["gradient/\(name)"], tolerance: 1e-4, name)
            }
        }

        @Test func `the feature map is what the embedding is the mean of`() throws {
            let network = try TinyNetwork.network()
            let batch = TinyNetwork.batch(count: 3)
            let (plain, output) = (try network.forward(batch), try network.features(batch))
            try expectClose(output.logits, plain.logits, tolerance: 1e-6, "logits")
            try expectClose(output.embedding, plain.embedding, tolerance: 1e-6, "embedding")
            let shape = output.featureMap.shape
            try #require(shape.count == 4 && shape.prefix(2) == [3, network.graph.embeddingSize])
            let area = shape[2] * shape[3]
            let means = stride(from: 0, to: output.featureMap.values.count, by: area).map { start in
                output.featureMap.values[start..<(start + area)].reduce(0, +) / Float(area)
            }
            try expectClose(
                Tensor(shape: plain.embedding.shape, values: means), plain.embedding, tolerance: 1e-5, "mean")
        }

        private func expectClose(_ actual: Tensor, _ golden: Tensor?, tolerance: Float, _ name: String) throws {
            let golden = try #require(golden)
            try #require(actual.shape == golden.shape, "\(name)")
            let difference = zip(actual.values, golden.values).map { abs($0 - $1) }.max() ?? 0
            #expect(difference < tolerance, "\(name) differs by \(difference)")
        }

        /// Central differences of the loss over single weights, in single precision.
        @Test(arguments: [
            "conv.weight", "conv.bias", "norm.weight", "norm.bias", "grouped.weight", "grouped_norm.bias",
            "gate_linear.weight", "side.weight", "classifier.weight", "classifier.bias",
        ])
        func `gradients agree with finite differences`(name: String) throws {
            let network = try TinyNetwork.network()
            let batch = try TinyNetwork.goldenBatch()
            let gradient = try #require(try network.gradients(batch).gradients[name])
            let weights = try network.weights()
            let step: Float = 4e-3
            // A weight may sit at a kink of ReLU or max, where the difference is no derivative; most must agree.
            var agreeing = 0
            let indices = Array(stride(from: 0, to: gradient.values.count, by: max(1, gradient.values.count / 8)))
            for index in indices {
                func loss(_ change: Float) throws -> Double {
                    var moved = weights
                    moved[name]?.values[index] += change
                    try network.setWeights(moved)
                    return try network.gradients(batch).loss
                }
                let numeric = (try loss(step) - loss(-step)) / Double(2 * step)
                if abs(numeric - Double(gradient.values[index])) < 4e-3 + 0.03 * abs(numeric) { agreeing += 1 }
            }
            #expect(agreeing * 4 >= indices.count * 3, "\(agreeing) of \(indices.count) gradients of \(name) agree")
        }

        @Test func `weights that do not fit are refused, and leave nothing behind that is freed twice`() throws {
            let graph = Architecture.smallCNN.graph(classes: 4, inputHeight: 64, inputWidth: 64)
            var weights = graph.initialWeights(seed: 1)
            weights["classifier.bias"] = Tensor(shape: [3], values: [0, 0, 0])
            for _ in 0..<20 {
                #expect(throws: (any Error).self) { try TrainableNetwork(graph: graph, weights: weights) }
            }
        }

        @Test func `frozen stages keep their weights`() throws {
            let network = try TinyNetwork.network()
            let before = try network.weights()
            try network.beginTraining(TrainingConfiguration(), classWeights: nil)
            try network.freeze(stagesBelow: 1)
            _ = try network.step(TinyNetwork.batch(), learningRate: 0.1, seed: 1)
            let after = try network.weights()
            #expect(after["conv.weight"] == before["conv.weight"])
            #expect(after["norm.running_mean"] == before["norm.running_mean"])
            #expect(after["side.weight"] != before["side.weight"])
        }

        @Test func `averages follow the weights`() throws {
            let network = try TinyNetwork.network()
            let before = try #require(try network.weights()["classifier.bias"])
            try network.beginTraining(TrainingConfiguration(), classWeights: nil)
            _ = try network.step(TinyNetwork.batch(), learningRate: 0.1, seed: 1)
            let current = try #require(try network.weights()["classifier.bias"])
            let average = try #require(try network.weights(.average)["classifier.bias"])
            // After the first step the decay is min(0.99, (1 + 1) / (10 + 1)).
            for index in before.values.indices {
                let expected = before.values[index] + (current.values[index] - before.values[index]) * Float(9.0 / 11)
                #expect(abs(average.values[index] - expected) < 1e-5)
            }
        }

        @Test func `not a number stops without moving anything`() throws {
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

        @Test func `wrong labels and weights are refused`() throws {
            let network = try TinyNetwork.network()
            try network.beginTraining(TrainingConfiguration(), classWeights: nil)
            let good = TinyNetwork.batch()
            let bad = Batch(images: good.images, labels: [0, 1, 2, 4], height: good.height, width: good.width)
            #expect(throws: TrainingError.self) { try network.step(bad, learningRate: 0.1, seed: 1) }
            var weights = try network.weights()
            weights["side.weight"] = Tensor(shape: [1], values: [0])
            #expect(throws: TrainingError.self) { try network.setWeights(weights) }
            weights["side.weight"] = nil
            #expect(throws: TrainingError.self) { try network.setWeights(weights) }
        }

        @Test(arguments: [TrainingConfiguration.Optimizer.adamW, .sgd])
        func `both optimizers learn four images by heart`(optimizer: TrainingConfiguration.Optimizer) throws {
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
}
