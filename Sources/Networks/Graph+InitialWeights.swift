import Foundation
import Randomness
import Tensors

extension Graph {
    /// Random weights to start training from, deterministic for a seed.
    ///
    /// Convolutions: normal with variance 2 / fan-out, a group counted alone (He et al. 2015, equation 14).
    /// Batch normalisation: weight 1, bias 0, mean 0, variance 1. The classifier: normal with deviation 0.01, bias 0; other
    /// linear layers, as in gates: normal with variance 2 / fan-in (equation 10), bias 0.
    public func initialWeights(seed: UInt64) -> [String: Tensor] {
        var weights: [String: Tensor] = [:]
        for node in nodes {
            for (name, shape) in node.parameterShapes {
                weights[name] = initialWeight(name, shape: shape, operation: node.operation, seed: seed)
            }
        }
        return weights
    }

    /// Weights learned on another task, with a new random classifier.
    /// - Parameter pretrained: Every parameter of the graph but the classifier's, which is ignored if it is there.
    /// - Throws: `NetworkError` where a parameter is missing, has another shape or is unknown.
    public func initialWeights(seed: UInt64, pretrained: [String: Tensor]) throws -> [String: Tensor] {
        let classifier = ["\(outputs.logits).weight", "\(outputs.logits).bias"]
        let initial = initialWeights(seed: seed)
        var weights = pretrained
        for name in classifier { weights[name] = initial[name] }
        try validate(weights)
        return weights
    }

    private func initialWeight(_ name: String, shape: [Int], operation: Operation, seed: UInt64) -> Tensor {
        let isWeight = name.hasSuffix(".weight")
        let deviation: Double
        switch operation {
        case .convolution(let convolution) where isWeight:
            let area = convolution.kernelHeight * convolution.kernelWidth
            deviation = (2 / Double(area * convolution.outputChannels / convolution.groups)).squareRoot()
        case .linear where isWeight && name == "\(outputs.logits).weight":
            deviation = 0.01
        case .linear(let inputFeatures, _) where isWeight:
            deviation = (2 / Double(inputFeatures)).squareRoot()
        case .batchNormalization where isWeight || name.hasSuffix(".running_var"):
            return Tensor(shape: shape, repeating: 1)
        default:
            return Tensor(shape: shape, repeating: 0)
        }
        // Each parameter has its own sequence, so that its values do not depend on the nodes before it.
        var numbers = NormalNumbers(seed: seed, name: name)
        return Tensor(
            shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(deviation * numbers.next()) })
    }
}

/// A sequence of standard normal numbers, deterministic on every machine: SplitMix64 and Box–Muller.
private struct NormalNumbers {
    private var bits: SplitMix64
    private var spare: Double?

    /// The sequence of a seed and a name.
    init(seed: UInt64, name: String) {
        // FNV-1a over the name, then mixed with the seed.
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var first = SplitMix64(seed: seed)
        bits = SplitMix64(seed: first.next() ^ hash)
    }

    mutating func next() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        // 53 random bits in (0, 1], so that the logarithm is finite.
        let radius = (-2 * log(Double((bits.next() >> 11) + 1) * 0x1p-53)).squareRoot()
        let angle = 2 * Double.pi * bits.nextUnit()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }
}
