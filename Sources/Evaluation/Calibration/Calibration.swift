import Foundation

/// How far stated confidences are from the truth.
public struct Calibration: Sendable, Equatable {
    /// The images whose confidence falls in one interval `(lower, upper]`; 0 itself belongs to the first.
    public struct Bin: Sendable, Equatable, Codable {
        public let lower: Double
        public let upper: Double
        /// Number of images.
        public let count: Int
        /// Mean confidence of the images; `nil` when there are none.
        public let confidence: Double?
        /// Share of the images that are classified correctly; `nil` when there are none.
        public let accuracy: Double?
    }

    /// The reliability diagram: equal-width bins of the confidence from 0 to 1
    /// (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 2).
    public let bins: [Bin]
    /// Mean gap between confidence and accuracy, weighted by the bins' counts (Guo et al. 2017, equation 3).
    public let expectedError: Double
    /// Mean of `Σ (p - y)²` over classes, 0 to 2 (Brier, Monthly Weather Review 78 (1950), equation 2).
    public let brier: Double
    /// Mean of `-ln p(label)`, in nats; a probability of 0 counts as 1e-15, so the result stays finite.
    public let negativeLogLikelihood: Double

    /// - Parameters:
    ///   - predictions: `[N]`.
    ///   - binCount: Number of equal-width bins, 15 by the project's protocol.
    /// - Throws: `EvaluationError` for predictions that cannot be measured or fewer than one bin.
    public init(_ predictions: [LabelledPrediction], bins binCount: Int = 15) throws {
        try validate(predictions, classes: predictions.first?.probabilities.count ?? 0)
        guard binCount > 0 else { throw EvaluationError(code: .parameter, message: "expected at least one bin") }
        var sums = CalibrationSums(bins: binCount)
        var brier = 0.0
        var logLikelihood = 0.0
        for prediction in predictions {
            sums.add(
                bin: Self.bin(of: prediction.confidence, bins: binCount), confidence: prediction.confidence,
                correct: prediction.predicted == prediction.label, times: 1)
            brier += prediction.squaredError
            logLikelihood += log(max(prediction.probabilities[prediction.label], 1e-15))
        }
        let total = Double(predictions.count)
        expectedError = sums.expectedError
        self.brier = brier / total
        negativeLogLikelihood = -logLikelihood / total
        self.bins = (0..<binCount).map { index in
            let count = sums.counts[index]
            return Bin(
                lower: Double(index) / Double(binCount), upper: Double(index + 1) / Double(binCount), count: count,
                confidence: count == 0 ? nil : sums.confidences[index] / Double(count),
                accuracy: count == 0 ? nil : Double(sums.corrects[index]) / Double(count))
        }
    }

    /// The bin `(m/M, (m+1)/M]` that holds `confidence`.
    static func bin(of confidence: Double, bins: Int) -> Int {
        min(max(Int((confidence * Double(bins)).rounded(.up)) - 1, 0), bins - 1)
    }
}

/// Running sums of one reliability diagram.
struct CalibrationSums {
    var counts: [Int]
    var confidences: [Double]
    var corrects: [Int]

    init(bins: Int) {
        counts = Array(repeating: 0, count: bins)
        confidences = Array(repeating: 0, count: bins)
        corrects = Array(repeating: 0, count: bins)
    }

    mutating func add(bin: Int, confidence: Double, correct: Bool, times: Int) {
        counts[bin] += times
        confidences[bin] += confidence * Double(times)
        if correct { corrects[bin] += times }
    }

    var expectedError: Double {
        let total = counts.reduce(0, +)
        guard total > 0 else { return 0 }
        return counts.indices.reduce(0) { $0 + abs(confidences[$1] - Double(corrects[$1])) } / Double(total)
    }
}

extension LabelledPrediction {
    /// `Σ (p - y)²` over the classes, 0 to 2.
    var squaredError: Double {
        probabilities.indices.reduce(0) { sum, index in
            let difference = probabilities[index] - (index == label ? 1 : 0)
            return sum + difference * difference
        }
    }
}
