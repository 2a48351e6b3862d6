import Foundation
import Networks
import Tensors
import Training

/// A small graph with every operation that libtorch has to carry out, and images for it.
enum TinyNetwork {
    static let side = 8

    /// Convolutions plain, grouped and padded unevenly; both pools; every activation; add, multiply, concatenate.
    static let graph: Graph = {
        func convolution(
            _ input: Int, _ output: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1, bias: Bool = false
        ) -> Networks.Operation {
            .convolution(
                Convolution(
                    inputChannels: input, outputChannels: output, kernelSize: kernel, stride: stride, groups: groups,
                    bias: bias,
                    padding: stride == 2 ? .init(top: 0, left: 0, bottom: 1, right: 1) : .init(all: kernel / 2)))
        }
        let rows: [(String, Networks.Operation, [String])] = [
            ("stem", convolution(3, 4, 3, stride: 2), ["image"]),
            ("stem_norm", .batchNormalization(channels: 4, epsilon: 1e-3, momentum: 0.1), ["stem"]),
            ("stem_act", .silu, ["stem_norm"]),
            ("depthwise", convolution(4, 4, 3, groups: 4), ["stem_act"]),
            ("act6", .relu6, ["depthwise"]),
            ("sum", .add, ["act6", "stem_act"]),
            ("squeeze", .globalAveragePool, ["sum"]),
            ("excite", .linear(inputFeatures: 4, outputFeatures: 4), ["squeeze"]),
            ("gate", .sigmoid, ["excite"]),
            ("scaled", .multiply, ["sum", "gate"]),
            ("largest", .maxPool(kernelSize: 3, stride: 1, padding: 1), ["scaled"]),
            ("mean", .averagePool(kernelSize: 3, stride: 1, padding: 1), ["scaled"]),
            ("both", .concatenate, ["largest", "mean"]),
            ("mix", convolution(8, 6, 1, bias: true), ["both"]),
            ("mix_act", .relu, ["mix"]),
            ("pooled", .globalAveragePool, ["mix_act"]),
            ("drop", .dropout(rate: 0.2), ["pooled"]),
            ("classifier", .linear(inputFeatures: 6, outputFeatures: 4), ["drop"]),
        ]
        return Graph(
            name: "tiny", input: "image", inputChannels: 3,
            nodes: rows.enumerated().map { Node(name: $1.0, operation: $1.1, inputs: $1.2, stage: $0 < 3 ? 0 : 1) },
            outputs: .init(logits: "classifier", embedding: "pooled", featureMap: "mix_act"))
    }()

    static func network(seed: UInt64 = 3) throws -> TrainableNetwork {
        var weights = graph.initialWeights(seed: seed)
        // The classifier starts near zero; larger values make its gradients worth comparing.
        weights["classifier.weight"] = random(shape: [4, 6], seed: seed + 1)
        return try TrainableNetwork(graph: graph, weights: weights)
    }

    static func batch(count: Int = 4, seed: UInt64 = 5) -> Batch {
        Batch(
            images: random(shape: [count, 3, side, side], seed: seed).values,
            labels: (0..<count).map { Int64($0 % 4) }, height: side, width: side)
    }

    /// Uniform from -1 to 1.
    static func random(shape: [Int], seed: UInt64) -> Tensor {
        var generator = SplitMix64(seed: seed)
        return Tensor(
            shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
    }
}
