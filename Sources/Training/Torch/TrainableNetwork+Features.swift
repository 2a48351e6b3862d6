import CTorch
import Networks
import Tensors

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
    /// Logits, embeddings and feature maps in evaluation mode; `batch.labels` only counts the images.
    /// - Throws: ``TrainingError``, and `NetworkError` for a size of image that does not fit the graph.
    public func features(_ batch: Batch) throws -> FeatureOutput {
        let shapes = try graph.shapes(inputHeight: batch.height, inputWidth: batch.width)
        var logits = Tensor(shape: [batch.count, graph.classCount], repeating: 0)
        var embedding = Tensor(shape: [batch.count, graph.embeddingSize], repeating: 0)
        var map = Tensor(shape: [batch.count] + (shapes[graph.outputs.featureMap] ?? []), repeating: 0)
        try Self.check {
            ct_forward(
                handle, batch.images, Int64(batch.count), Int64(graph.inputChannels), Int64(batch.height),
                Int64(batch.width), 0, 0, &logits.values, Int64(logits.values.count), &embedding.values,
                Int64(embedding.values.count), &map.values, Int64(map.values.count), $0)
        }
        return FeatureOutput(logits: logits, embedding: embedding, featureMap: map)
    }
}
