import Evaluation
import Findings
import Imaging
import Packaging
import Tensors

/// How unlike the training images an image is.
struct Novelty: Sendable, Equatable {
    /// Larger is less familiar; held against the package's threshold.
    let score: Double
    /// In what the image differs most from the training images; nil where the score does not tell.
    let aspect: AppearanceAspect?
    /// What is missing of a stained smear; nil where nothing is, or nothing was asked.
    let missing: MissingContent?
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
    ///   - appearance: Of the image as the network sees it; nil where the package does not ask.
    func novelty(embedding: [Float], appearance: ImageAppearance?) -> Novelty {
        guard let distance, let appearance else {
            return Novelty(
                score: CentroidCosine.novelty(of: embedding, centroids: centroids), aspect: nil, missing: nil)
        }
        return Novelty(
            score: MahalanobisDistance.novelty(distance: distance.distance(of: appearance.values), scale: scale),
            aspect: ImageAppearance.foremostAspect(ofStandardized: distance.standardized(appearance.values)),
            missing: appearance.content.missing)
    }
}

extension DecisionFacts {
    /// The facts of a screening, held against the limits of the model package.
    init(
        _ probabilities: ClassProbabilities, novelty: Novelty, quality: ImageQuality, pattern: Double? = nil,
        cells: CellFindings?, fields: FieldFacts? = nil, limits: ModelDescription
    ) {
        let thresholds = SmearClass.keys.map { limits.conformal.thresholds[$0] ?? 1 }
        self.init(
            quality: quality, pattern: pattern, missing: novelty.missing, novelty: novelty.score,
            aspect: novelty.aspect,
            label: probabilities.mostProbable, confidence: probabilities[probabilities.mostProbable],
            predictionSet: ConformalPrediction.set(probabilities: probabilities.values, thresholds: thresholds)
                .compactMap(SmearClass.init(index:)),
            cells: cells.map(CellFacts.init), fields: fields,
            limits: Limits(limits))
    }
}
