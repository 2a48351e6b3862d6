import Evaluation
import Foundation
import Imaging
import Packaging
import Tensors

/// What is fitted after training, on validation images only: temperature, conformal thresholds, novelty.
public struct CalibratedModel: Sendable {
    /// Divides the logits (Guo et al. 2017).
    public let temperature: Double
    /// A class enters the prediction set when its probability is at least 1 minus its threshold.
    public let conformalThresholds: [Double]
    /// The stated coverage of the prediction sets, 0 to 1.
    public let coverage: Double
    /// `[classes, E]`, unit length: the mean direction of each class's training embeddings.
    public let centroids: Tensor
    /// Novelty (1 − largest cosine to a centroid) above which an image is refused.
    public let noveltyThreshold: Double

    /// - Parameters:
    ///   - training: answers for training images, unaugmented, for the centroids.
    ///   - validation: answers for validation images.
    ///   - acceptedShare: share of validation images that the novelty threshold lets through.
    public init(
        training: Predictions, validation: Predictions, classes: Int, coverage: Double = 0.95,
        acceptedShare: Double = 0.97
    ) throws {
        // Where no validation image is wrong, the likelihood rises without end as the temperature falls to 0: then the
        // logits stay as they are, which with label smoothing is on the modest side.
        temperature =
            validation.accuracy == 1
            ? 1 : try TemperatureScaling.fit(logits: validation.logits, labels: validation.labels)
        self.coverage = coverage
        conformalThresholds = try ConformalPrediction.thresholds(
            probabilities: validation.probabilities(temperature: temperature), labels: validation.labels,
            coverage: coverage)
        centroids = Self.centroids(training, classes: classes)
        let (rows, embeddings) = (centroids.rows, validation.embeddings)
        let novelties = embeddings.map { Self.novelty($0, centroids: rows) }.sorted()
        let rank = Int((Double(novelties.count) * acceptedShare).rounded(.up)) - 1
        noveltyThreshold = novelties.isEmpty ? 1 : novelties[max(0, min(novelties.count - 1, rank))]
    }

    /// 1 − the largest cosine between an embedding and a centroid; 0 to 2.
    static func novelty(_ embedding: [Float], centroids: [[Float]]) -> Double {
        let unit = normalized(embedding)
        let cosines = centroids.map { zip($0, unit).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        return 1 - (cosines.max() ?? 0)
    }

    private static func centroids(_ training: Predictions, classes: Int) -> Tensor {
        let size = training.embeddings.first?.count ?? 0
        var sums = [[Float]](repeating: [Float](repeating: 0, count: size), count: classes)
        for (label, embedding) in zip(training.labels, training.embeddings) {
            for (index, value) in normalized(embedding).enumerated() { sums[label][index] += value }
        }
        return Tensor(shape: [classes, size], values: sums.flatMap(normalized))
    }

    /// The vector at unit length; a vector without length stays as it is.
    static func normalized(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }
}
