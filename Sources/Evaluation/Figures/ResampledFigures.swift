import Findings

/// The figures of `ClassificationMetrics` for any resample of the same predictions, in one pass over the images each.
struct ResampledFigures: Sendable {
    private static let bins = 15

    private let classes: Int
    private let labels: [Int]
    private let predicted: [Int]
    private let confidences: [Double]
    private let confidenceBins: [Int]
    private let squaredErrors: [Double]
    private let ranking: ScoreRanking

    init(_ predictions: [LabelledPrediction], classes: Int) throws {
        self.classes = classes
        labels = predictions.map(\.label)
        predicted = predictions.map(\.predicted)
        confidences = predictions.map(\.confidence)
        confidenceBins = confidences.map { Calibration.bin(of: $0, bins: Self.bins) }
        squaredErrors = predictions.map(\.squaredError)
        ranking = try ScoreRanking(
            scores: predictions.map(\.malignancy), positives: labels.map(SmearClass.isMalignant))
    }

    /// Names of `values(counts:)`, in its order.
    static func names(_ classKeys: [String]) -> [String] {
        ["accuracy", "macroF1", "malignantSensitivity", "benignSpecificity", "auroc", "ece15", "brier"]
            + classKeys.map { "sensitivity.\($0)" } + classKeys.map { "specificity.\($0)" }
    }

    /// - Parameter counts: How often each image counts, `[N]`.
    func values(counts: [Int]) -> [Double?] {
        let matrix = confusion(counts: counts)
        var sums = CalibrationSums(bins: Self.bins)
        var brier = 0.0
        for row in counts.indices where counts[row] > 0 {
            sums.add(
                bin: confidenceBins[row], confidence: confidences[row], correct: predicted[row] == labels[row],
                times: counts[row])
            brier += squaredErrors[row] * Double(counts[row])
        }
        let total = matrix.total
        return [
            matrix.accuracy, matrix.macroF1, matrix.malignantSensitivity,
            matrix.benignSpecificity, auroc(counts: counts), sums.expectedError,
            total == 0 ? nil : brier / Double(total),
        ] + (0..<classes).map { matrix.recall($0) } + (0..<classes).map { matrix.specificity($0) }
    }

    func confusion(counts: [Int]?) -> ConfusionMatrix {
        var flat = Array(repeating: 0, count: classes * classes)
        for row in labels.indices { flat[labels[row] * classes + predicted[row]] += counts?[row] ?? 1 }
        var matrix = ConfusionMatrix(classes: classes)
        for cell in flat.indices { matrix.add(label: cell / classes, predicted: cell % classes, times: flat[cell]) }
        return matrix
    }

    func auroc(counts: [Int]?) -> Double? { ranking.area(counts: counts) }
}
