/// What the network answers to one image.
public struct NetworkOutput: Sendable, Equatable {
    /// `[classes]`, before softmax and temperature.
    public let logits: [Float]
    /// `[embeddingSize]`, the feature map averaged over its area.
    public let embedding: [Float]
    /// `[embeddingSize, height, width]`, the last feature map.
    public let featureMap: [Float]

    /// - Parameters:
    ///   - logits: `[classes]`.
    ///   - embedding: `[embeddingSize]`.
    ///   - featureMap: `[embeddingSize, height, width]`.
    public init(logits: [Float], embedding: [Float], featureMap: [Float]) {
        self.logits = logits
        self.embedding = embedding
        self.featureMap = featureMap
    }
}
