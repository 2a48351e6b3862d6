/// What the network answers to one image.
public struct NetworkOutput: Sendable, Equatable {
    /// `[classes]`, before softmax and temperature.
    public let logits: [Float]
    /// `[embeddingSize]`, the feature map averaged over its area.
    public let embedding: [Float]
    /// `[embeddingSize, height, width]`, the last feature map.
    public let featureMap: [Float]
    /// For each stage of the description `[channels, height, width]`; empty unless the engine was made to copy them.
    public let stages: [[Float]]

    /// - Parameters:
    ///   - logits: `[classes]`.
    ///   - embedding: `[embeddingSize]`.
    ///   - featureMap: `[embeddingSize, height, width]`.
    ///   - stages: For each stage `[channels, height, width]`, or none.
    public init(logits: [Float], embedding: [Float], featureMap: [Float], stages: [[Float]] = []) {
        (self.logits, self.embedding, self.featureMap, self.stages) = (logits, embedding, featureMap, stages)
    }
}
