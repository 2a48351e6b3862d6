import Evaluation
import Foundation
import Imaging
import Packaging
import Tensors

/// What is fitted after training, on validation images only: temperature and conformal thresholds.
public struct CalibratedModel: Sendable {
    /// The smallest confidence of a report where no cross-validation chose one.
    static let minimumConfidence = 0.5

    /// Divides the logits (Guo et al. 2017).
    public let temperature: Double
    /// A class enters the prediction set when its probability is at least 1 minus its threshold.
    public let conformalThresholds: [Double]
    /// The stated coverage of the prediction sets, 0 to 1.
    public let coverage: Double
    /// `[classes, E]`, unit length: the mean direction of each class's training embeddings, or of all for a class that training did not hold.
    public let centroids: Tensor

    /// - Parameters:
    ///   - training: Answers for training images, unaugmented, for the centroids.
    ///   - validation: Answers for validation images.
    public init(
        training: Predictions, validation: Predictions, classes: Int, coverage: Double = 0.95
    ) throws {
        // Where no validation image is wrong, the likelihood rises without end as the temperature falls to 0: then the
        // logits stay as they are, which with label smoothing is on the modest side.
        temperature =
            validation.accuracy == 1
            ? 1 : try TemperatureScaling.fit(logits: validation.logits, labels: validation.labels)
        self.coverage = coverage
        conformalThresholds = ConformalPrediction.raised(
            try ConformalPrediction.thresholds(
                probabilities: validation.probabilities(temperature: temperature), labels: validation.labels,
                coverage: coverage))
        centroids = Self.centroids(training, classes: classes)
    }

    static func centroids(_ training: Predictions, classes: Int) -> Tensor {
        let size = training.embeddings.first?.count ?? 0
        var sums = [[Float]](repeating: [Float](repeating: 0, count: size), count: classes)
        for (label, embedding) in zip(training.labels, training.embeddings) {
            for (index, value) in normalized(embedding).enumerated() { sums[label][index] += value }
        }
        // A class that training did not hold has no direction; that of all images says nothing about it, but is a direction.
        let overall = normalized(sums.reduce([Float](repeating: 0, count: size)) { zip($0, $1).map(+) })
        return Tensor(
            shape: [classes, size],
            values: sums.flatMap { sum in sum.contains { $0 != 0 } ? normalized(sum) : overall })
    }

    /// The vector at unit length; a vector without length stays as it is.
    static func normalized(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }
}
