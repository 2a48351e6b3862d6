/// Novelty as the angle to the nearest class: 1 − the greatest cosine between an embedding and a class's mean direction.
public enum CentroidCosine {
    /// - Parameters:
    ///   - embedding: `[size]`.
    ///   - centroids: `[classes][size]`, of unit length.
    /// - Returns: 0 to 2; 1 for an embedding without length.
    public static func novelty(of embedding: [Float], centroids: [[Float]]) -> Double {
        let length = embedding.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length > 0 else { return 1 }
        let cosines = centroids.map { zip($0, embedding).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / length }
        return 1 - (cosines.max() ?? 0)
    }
}
