import Tensors

/// How unlike the training images an image is.
enum Novelty {
    /// 1 − the greatest cosine between the embedding and a centroid; 1 for an embedding without length.
    /// - Parameters:
    ///   - embedding: `[size]`.
    ///   - centroids: `[classes, size]`, rows of unit length.
    static func score(embedding: [Float], centroids: Tensor) -> Double {
        let size = embedding.count
        let length = embedding.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length > 0 else { return 1 }
        let cosines = (0..<centroids.shape[0]).map { row in
            (0..<size).reduce(0.0) { $0 + Double(embedding[$1]) * Double(centroids.values[row * size + $1]) } / length
        }
        return 1 - (cosines.max() ?? 0)
    }
}
