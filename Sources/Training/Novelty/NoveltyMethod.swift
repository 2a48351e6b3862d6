import Evaluation
import Imaging
import Tensors

/// The compared methods of recognising unfamiliar images.
public enum NoveltyMethod: String, Sendable, Codable, CaseIterable {
    /// Angle to the nearest class's mean embedding.
    case centroidCosine = "centroid-cosine"
    /// Free energy of the logits (Liu et al. 2020).
    case energy
    /// Distance to the fifth nearest training embedding (Sun et al. 2022).
    case nearestNeighbour = "nearest-neighbour"
    /// Mahalanobis distance of the embedding to the nearest class mean (Lee et al. 2018), at unit length (Müller and
    /// Hein, *Mahalanobis++*, ICML 2025).
    case embeddingMahalanobis = "embedding-mahalanobis"
    /// Mahalanobis distance of what the image looks like; `AppearanceNovelty`, the one that packages carry.
    case appearanceMahalanobis = "appearance-mahalanobis"
}

/// What the methods know about one image.
struct NoveltyEvidence: Sendable {
    let embedding: [Float]
    let logits: [Double]
    let appearance: [Double]

    /// - Returns: One an image of `predictions`, in their order.
    static func gather(_ predictions: Predictions, cache: ImageCache) throws -> [NoveltyEvidence] {
        let appearances = try AuditImages.concurrently(predictions.indices) {
            try ImageAppearance.measure(cache.image($0)).values
        }
        return predictions.embeddings.indices.map {
            NoveltyEvidence(
                embedding: predictions.embeddings[$0], logits: predictions.logits[$0], appearance: appearances[$0])
        }
    }
}

/// All methods, fitted on the same training images.
struct FittedNovelty {
    private let centroids: [[Float]]
    private let neighbours: NearestNeighbourDistance
    private let classes: MahalanobisDistance
    private let classMeans: [[Double]]
    private let appearance: AppearanceNovelty

    /// - Parameters:
    ///   - evidence: The evidence of the training images.
    ///   - labels: The classes of those images.
    ///   - centroids: `[classes, E]`, of unit length.
    ///   - appearance: Fitted on the same images.
    init(
        _ evidence: [NoveltyEvidence], labels: [Int], centroids: Tensor, appearance: AppearanceNovelty
    ) throws {
        let embeddings = evidence.map { $0.embedding.unit.map(Double.init) }
        self.centroids = centroids.rows
        self.appearance = appearance
        neighbours = try NearestNeighbourDistance(known: evidence.map(\.embedding))
        classes = try MahalanobisDistance(fitting: embeddings, labels: labels)
        classMeans = Dictionary(grouping: embeddings.indices, by: { labels[$0] }).sorted { $0.key < $1.key }.map {
            let members = $0.value
            return (0..<embeddings[0].count).map { column in
                members.reduce(0) { $0 + embeddings[$1][column] } / Double(members.count)
            }
        }
    }

    /// The scores of one image by every method; larger is less familiar.
    func scores(of evidence: NoveltyEvidence) -> [NoveltyMethod: Double] {
        let unit = evidence.embedding.unit.map(Double.init)
        let nearest = classMeans.map { classes.distance(of: unit, from: $0) }.min() ?? 0
        return [
            .centroidCosine: CentroidCosine.novelty(of: evidence.embedding, centroids: centroids),
            .energy: EnergyScore.novelty(of: evidence.logits),
            .nearestNeighbour: neighbours.novelty(of: evidence.embedding),
            .embeddingMahalanobis: nearest,
            .appearanceMahalanobis: appearance.score(of: evidence.appearance),
        ]
    }
}
