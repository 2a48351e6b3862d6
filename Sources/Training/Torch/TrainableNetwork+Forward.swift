import CTorch
import Networks
import Tensors

/// What the network answers for a batch of N images.
public struct BatchOutput: Sendable {
    /// `[N, classes]`, before softmax.
    public let logits: Tensor
    /// `[N, E]`.
    public let embedding: Tensor
}

/// What the network answers for a batch of N images, with the map that its evidence is read from.
public struct FeatureOutput: Sendable {
    /// `[N, classes]`, before softmax.
    public let logits: Tensor
    /// `[N, E]`.
    public let embedding: Tensor
    /// `[N, E, h, w]`, the last feature map.
    public let featureMap: Tensor
}

extension TrainableNetwork {
    /// Logits and embeddings in evaluation mode; `batch.labels` only counts the images.
    public func forward(_ batch: Batch, weights: Weights = .current, bfloat16: Bool = false) throws -> BatchOutput {
        let output = try run(
            batch, weights: weights, bfloat16: bfloat16, logits: [graph.classCount], embedding: [graph.embeddingSize])
        return BatchOutput(logits: output.logits, embedding: output.embedding)
    }

    /// Logits, embeddings and feature maps in evaluation mode; `batch.labels` only counts the images.
    /// - Throws: `TrainingError`, and `NetworkError` for a size of image that does not fit the graph.
    public func features(_ batch: Batch) throws -> FeatureOutput {
        let shapes = try graph.shapes(inputHeight: batch.height, inputWidth: batch.width)
        return try run(
            batch, logits: [graph.classCount], embedding: [graph.embeddingSize],
            features: shapes[graph.outputs.featureMap] ?? [])
    }

    /// The graph's `embedding` of each image, whatever its shape, in evaluation mode and single precision.
    /// - Parameter size: Numbers an image.
    /// - Returns: `[N, size]`.
    public func codes(_ batch: Batch, size: Int) throws -> [[Float]] {
        try run(batch, embedding: [size]).embedding.rows
    }

    /// Runs the network in evaluation mode; an output without a shape is not copied.
    private func run(
        _ batch: Batch, weights: Weights = .current, bfloat16: Bool = false, logits: [Int] = [0],
        embedding: [Int] = [0], features: [Int] = [0]
    ) throws -> FeatureOutput {
        var logits = Tensor(shape: [batch.count] + logits, repeating: 0)
        var embedding = Tensor(shape: [batch.count] + embedding, repeating: 0)
        var map = Tensor(shape: [batch.count] + features, repeating: 0)
        try Self.check {
            ct_forward(
                handle, batch.images, Int64(batch.count), Int64(graph.inputChannels), Int64(batch.height),
                Int64(batch.width), weights == .average ? 1 : 0, bfloat16 ? 1 : 0, &logits.values,
                Int64(logits.values.count), &embedding.values, Int64(embedding.values.count), &map.values,
                Int64(map.values.count), $0)
        }
        return FeatureOutput(logits: logits, embedding: embedding, featureMap: map)
    }
}

extension Graph {
    /// Classes that the last layer tells apart.
    public var classCount: Int { linearShape(of: outputs.logits)?.outputs ?? 0 }
    /// Length of the embedding.
    public var embeddingSize: Int { linearShape(of: outputs.logits)?.inputs ?? 0 }

    private func linearShape(of name: String) -> (inputs: Int, outputs: Int)? {
        for case .linear(let inputs, let outputs) in nodes.filter({ $0.name == name }).map(\.operation) {
            return (inputs, outputs)
        }
        return nil
    }
}
