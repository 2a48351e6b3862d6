import Networks
import Randomness
import Tensors

extension Graph {
    /// Weights computed from their names, as in `Scripts/golden_from_names.py`.
    var namedWeights: [String: Tensor] {
        Dictionary(
            nodes.flatMap(\.parameterShapes).map { ($0.name, Tensor.named($0.name, shape: $0.shape)) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension Tensor {
    fileprivate static func named(_ name: String, shape: [Int]) -> Tensor {
        var numbers = SplitMix64(seed: name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
        let (offset, scale): (Double, Double) =
            if shape.count > 1 {
                (0, (6 / Double(shape.dropFirst().reduce(1, *))).squareRoot())  // He et al. 2015, equation 10
            } else if name.hasSuffix("norm.weight") {
                (1, 0.2)
            } else if name.hasSuffix("running_var") {
                (1, 0.5)
            } else {
                (0, 0.2)
            }
        return Tensor(
            shape: shape,
            values: (0..<shape.reduce(1, *)).map { _ in Float(offset + scale * (2 * numbers.nextUnit() - 1)) })
    }
}
