import Findings

/// The trade-off between true and false positives over all thresholds of a score.
///
/// Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006), algorithm 1.
public struct ReceiverOperatingCharacteristic: Sendable, Equatable {
    /// What calling every score of at least `threshold` positive would give.
    public struct Point: Sendable, Equatable {
        /// Smallest score called positive; infinite at the first point, where nothing is.
        public let threshold: Double
        /// Share of the negatives called positive.
        public let falsePositiveRate: Double
        /// Share of the positives called positive.
        public let truePositiveRate: Double
    }

    /// From (0, 0) to (1, 1), one point a distinct score.
    public let points: [Point]
    /// Area under the curve, 0 to 1; equal scores count half (midranks).
    public let area: Double

    /// - Parameters:
    ///   - scores: Larger means more likely positive, `[N]`.
    ///   - positives: Which are positive, `[N]`.
    /// - Returns: `nil` when there are no positives or no negatives.
    /// - Throws: `EvaluationError` for empty input, other lengths, or a score that is NaN.
    public init?(scores: [Double], positives: [Bool]) throws {
        let ranking = try ScoreRanking(scores: scores, positives: positives)
        guard let area = ranking.area(counts: nil) else { return nil }
        self.area = area
        let positiveCount = Double(positives.count { $0 })
        let negativeCount = Double(positives.count) - positiveCount
        var points = [Point(threshold: .infinity, falsePositiveRate: 0, truePositiveRate: 0)]
        var truePositives = 0.0
        var falsePositives = 0.0
        for (place, row) in ranking.order.enumerated().reversed() {
            if positives[row] { truePositives += 1 } else { falsePositives += 1 }
            if place > 0, scores[ranking.order[place - 1]] == scores[row] { continue }
            points.append(
                Point(
                    threshold: scores[row], falsePositiveRate: falsePositives / negativeCount,
                    truePositiveRate: truePositives / positiveCount))
        }
        self.points = points
    }

    /// Malignancy, scored by `1 - p(benign)`.
    public static func malignancy(_ predictions: [LabelledPrediction]) throws -> ReceiverOperatingCharacteristic? {
        try ReceiverOperatingCharacteristic(
            scores: predictions.map(\.malignancy), positives: predictions.map { SmearClass.isMalignant($0.label) })
    }

    /// One class against the rest, scored by its probability.
    public static func oneVersusRest(
        _ predictions: [LabelledPrediction], class index: Int
    ) throws -> ReceiverOperatingCharacteristic? {
        try ReceiverOperatingCharacteristic(
            scores: predictions.map { $0.probabilities[index] }, positives: predictions.map { $0.label == index })
    }
}

/// Scores sorted once, so that the area of many resamples costs one pass each.
struct ScoreRanking: Sendable {
    /// Rows by ascending score.
    let order: [Int]
    /// Whether the row at each place of `order` is positive.
    private let positive: [Bool]
    /// Whether the score at each place of `order` differs from the one before.
    private let startsTie: [Bool]

    init(scores: [Double], positives: [Bool]) throws {
        guard !scores.isEmpty else { throw EvaluationError(code: .empty, message: "no scores to rank") }
        guard scores.count == positives.count else {
            throw EvaluationError(code: .shape, message: "\(scores.count) scores, but \(positives.count) labels")
        }
        if let row = scores.firstIndex(where: \.isNaN) {
            throw EvaluationError(code: .notAProbability, message: "a score is not a number", row: row)
        }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        self.order = order
        positive = order.map { positives[$0] }
        startsTie = order.indices.map { $0 == 0 || scores[order[$0]] != scores[order[$0 - 1]] }
    }

    /// The Mann–Whitney statistic over positives × negatives, ties counted half
    /// (Hanley and McNeil, Radiology 143 (1982), equation 1).
    ///
    /// - Parameter counts: How often each row counts, `[N]` by row; `nil` for once each.
    /// - Returns: `nil` when no positive or no negative counts.
    func area(counts: [Int]?) -> Double? {
        var wins = 0.0
        var positives = 0.0
        var negatives = 0.0
        var tiedPositives = 0.0
        var tiedNegatives = 0.0
        for place in order.indices {
            if startsTie[place] {
                wins += tiedPositives * (negatives + tiedNegatives / 2)
                positives += tiedPositives
                negatives += tiedNegatives
                tiedPositives = 0
                tiedNegatives = 0
            }
            let weight = counts.map { Double($0[order[place]]) } ?? 1
            if positive[place] { tiedPositives += weight } else { tiedNegatives += weight }
        }
        wins += tiedPositives * (negatives + tiedNegatives / 2)
        positives += tiedPositives
        negatives += tiedNegatives
        return positives > 0 && negatives > 0 ? wins / (positives * negatives) : nil
    }
}
