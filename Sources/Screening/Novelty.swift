import Evaluation
import Imaging
import Packaging
import Tensors

/// How unlike the training images an image is.
struct Novelty: Sendable, Equatable {
    /// Larger is less familiar; held against the package's threshold.
    let score: Double
    /// In what the image differs most from the training images; nil where the score does not tell.
    let aspect: ImageAppearance.Aspect?
    /// What is missing of a stained smear; nil where nothing is, or nothing was asked.
    let missing: String?
}

/// Computes the novelty that a package asks for.
struct NoveltyMeasure: Sendable {
    private let centroids: [[Float]]
    private let distance: MahalanobisDistance?
    private let scale: Double

    /// - Throws: `EvaluationError`, which a verified package does not cause.
    init(_ package: ModelPackage) throws {
        let (rows, size) = (package.centroids.shape[0], package.centroids.shape[1])
        centroids = (0..<rows).map { Array(package.centroids.values[$0 * size..<($0 + 1) * size]) }
        scale = package.description.novelty.scale ?? 1
        distance = try package.appearance.map { reference in
            try MahalanobisDistance(
                center: reference.center.values.map(Double.init),
                deviation: reference.deviation.values.map(Double.init),
                whitening: reference.whitening.values.map(Double.init))
        }
    }

    /// The novelty of one image.
    /// - Parameters:
    ///   - embedding: `[size]`.
    ///   - appearance: of the image as the network sees it; nil where the package does not ask.
    func novelty(embedding: [Float], appearance: ImageAppearance?) -> Novelty {
        guard let distance, let appearance else {
            return Novelty(
                score: CentroidCosine.novelty(of: embedding, centroids: centroids), aspect: nil, missing: nil)
        }
        return Novelty(
            score: MahalanobisDistance.novelty(distance: distance.distance(of: appearance.values), scale: scale),
            aspect: Self.foremost(distance.standardized(appearance.values)), missing: appearance.content.missing)
    }

    /// The aspect whose figures are farthest from their means, by their root mean square.
    private static func foremost(_ standardized: [Double]) -> ImageAppearance.Aspect? {
        let squares = Dictionary(grouping: zip(ImageAppearance.aspects, standardized), by: \.0)
            .mapValues { pairs in pairs.reduce(0) { $0 + $1.1 * $1.1 } / Double(pairs.count) }
        // In the order of the cases, so that of equals always the same is named.
        return ImageAppearance.Aspect.allCases.max { squares[$0, default: 0] < squares[$1, default: 0] }
    }
}
