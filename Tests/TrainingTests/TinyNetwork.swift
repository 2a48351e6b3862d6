import Foundation
import NetworkFixtures
import Networks
import Tensors
import Training

/// The small network with every operation, with the weights and results that `Scripts/golden_networks.py` wrote.
enum TinyNetwork {
    static let (height, width) = (10, 12)

    static func golden() throws -> [String: Tensor] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Safetensors.read(tests.appending(path: "Fixtures/networks/every-operation.safetensors"))
    }

    static func network() throws -> TrainableNetwork {
        let golden = try golden()
        return try TrainableNetwork(
            graph: everyOperation, weights: golden.filter { everyOperation.parameterShapes[$0.key] != nil })
    }

    /// The two golden images, with the labels that the golden gradients are for.
    static func goldenBatch() throws -> Batch {
        guard let image = try golden()["image"] else { throw TrainingError(.data, "the fixture has no image") }
        return Batch(images: image.values, labels: [1, 3], height: height, width: width)
    }

    static func batch(count: Int = 4, seed: UInt64 = 5) -> Batch {
        Batch(
            images: random(shape: [count, 3, height, width], seed: seed).values,
            labels: (0..<count).map { Int64($0 % 4) }, height: height, width: width)
    }

    /// Uniform from -1 to 1.
    static func random(shape: [Int], seed: UInt64) -> Tensor {
        var generator = SystemIndependentGenerator(seed: seed)
        return Tensor(
            shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
    }
}

/// Marsaglia's xorshift64 (2003): seeded test data that no library decides.
struct SystemIndependentGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
