import Findings

/// What a model said about one image, and the true class.
public struct LabelledPrediction: Sendable, Equatable, Codable {
    /// True class, an index into the class keys.
    public let label: Int
    /// One probability a class, `[classes]`, each 0 to 1, together 1.
    public let probabilities: [Double]
    /// Images of one group (duplicates, one patient) are resampled together.
    public let group: String
    /// Names the image in listings, for example its path.
    public let id: String

    public init(label: Int, probabilities: [Double], group: String, id: String) {
        (self.label, self.probabilities, self.group, self.id) = (label, probabilities, group, id)
    }

    /// The probability of all malignant classes together, as `1 - p(benign)`.
    var malignancy: Double { 1 - probabilities[SmearClass.benign.index] }

    /// The argmax of the probabilities.
    public var predicted: Int { probabilities.argmax }

    /// The largest probability, 0 to 1.
    public var confidence: Double { probabilities.max() ?? 0 }
}

/// Probabilities computed in single precision miss 1 by rounding only; anything beyond this is a mistake.
let probabilitySumTolerance = 1e-3

/// Checks that `predictions` can be measured.
///
/// - Throws: `EvaluationError` when empty, for a label outside `0..<classes`, a row of another length,
///   a number that is no probability, or a row that does not sum to 1 within 0.001.
func validate(_ predictions: [LabelledPrediction], classes: Int) throws {
    guard !predictions.isEmpty else { throw EvaluationError(code: .empty, message: "no predictions to evaluate") }
    guard classes > 1 else {
        throw EvaluationError(code: .shape, message: "expected at least two classes, got \(classes)")
    }
    for (row, prediction) in predictions.enumerated() {
        try validate(label: prediction.label, classes: classes, row: row)
        try validate(probabilities: prediction.probabilities, classes: classes, row: row)
    }
}

func validate(label: Int, classes: Int, row: Int) throws {
    guard label >= 0, label < classes else {
        throw EvaluationError(
            code: .labelOutOfRange, message: "label \(label) is not one of 0 to \(classes - 1)", row: row)
    }
}

func validate(probabilities: [Double], classes: Int, row: Int) throws {
    guard probabilities.count == classes else {
        throw EvaluationError(
            code: .shape, message: "expected \(classes) probabilities, got \(probabilities.count)", row: row)
    }
    var sum = 0.0
    for value in probabilities {
        // Rounding of 1 - p may leave a value a hair outside; NaN fails both comparisons.
        guard value >= -1e-6, value <= 1 + 1e-6 else {
            throw EvaluationError(code: .notAProbability, message: "\(value) is not between 0 and 1", row: row)
        }
        sum += value
    }
    guard abs(sum - 1) <= probabilitySumTolerance else {
        throw EvaluationError(code: .notNormalized, message: "the probabilities sum to \(sum), not 1", row: row)
    }
}
