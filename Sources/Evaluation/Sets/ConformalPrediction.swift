import Foundation

/// Sets of classes that hold the true one with a stated probability, in each class.
///
/// Sadinle, Lei and Wasserman, "Least Ambiguous Set-Valued Classifiers with Bounded Error Levels", JASA 114 (2019),
/// with the class-conditional split quantile of their section 3 (see also Angelopoulos and Bates, arXiv:2107.07511,
/// sections 1 and 3.1). The score of an image is `1 - p(true class)`.
public enum ConformalPrediction {
    /// A class of at least this calibrated probability stays possible, whatever its threshold: one in twenty.
    ///
    /// A class that is hardly ever mistaken among the calibrating images gets a threshold that excludes it at 60 % for
    /// another. On images unlike those it is then excluded too often; holding on to what the confidence itself gives a chance
    /// costs few sets of two, and adding a class never lowers the coverage.
    public static let alwaysPossible = 0.05

    /// One threshold a class, `[classes]`: the `⌈(n+1)·coverage⌉`-th smallest score of that class's `n` images.
    ///
    /// A class with too few images for the coverage gets 1: it is in every set, which is the only honest answer.
    ///
    /// - Parameters:
    ///   - probabilities: Calibrated, of images that were not trained on, `[N, classes]`.
    ///   - labels: True classes, `[N]`.
    ///   - coverage: Wanted share of images whose set holds the true class, over 0 and under 1.
    /// - Throws: `EvaluationError` for input that cannot be measured or a coverage out of range.
    public static func thresholds(probabilities: [[Double]], labels: [Int], coverage: Double) throws -> [Double] {
        guard coverage > 0, coverage < 1 else {
            throw EvaluationError(code: .parameter, message: "coverage \(coverage) is not between 0 and 1")
        }
        guard let classes = probabilities.first?.count else {
            throw EvaluationError(code: .empty, message: "no probabilities to calibrate on")
        }
        guard probabilities.count == labels.count else {
            throw EvaluationError(
                code: .shape, message: "\(probabilities.count) rows of probabilities, but \(labels.count) labels")
        }
        for (row, label) in labels.enumerated() {
            try validate(label: label, classes: classes, row: row)
            try validate(probabilities: probabilities[row], classes: classes, row: row)
        }
        return thresholds(
            scores: zip(probabilities, labels).map { 1 - $0[$1] }, labels: labels, classes: classes, coverage: coverage)
    }

    /// The same from the score of each image's true class, whatever the score is.
    ///
    /// - Parameters:
    ///   - scores: Of the true classes, `[N]`.
    ///   - labels: True classes, `[N]`.
    ///   - classes: How many there are.
    ///   - coverage: Wanted share of images whose set holds the true class, over 0 and under 1.
    ///   - allowsLess: Where a class has too few images for the coverage, its largest score is taken, which promises
    ///     `n / (n + 1)`; else such a class gets the largest score there is, 1. A class without images gets 1.
    public static func thresholds(
        scores: [Double], labels: [Int], classes: Int, coverage: Double, allowsLess: Bool = false
    ) -> [Double] {
        var own = Array(repeating: [Double](), count: classes)
        for (score, label) in zip(scores, labels) { own[label].append(score) }
        return own.map { scores in
            guard !scores.isEmpty else { return 1 }
            let possible = Double(scores.count) / Double(scores.count + 1)
            return quantile(of: scores, coverage: allowsLess ? min(coverage, possible) : coverage)
        }
    }

    /// The thresholds, raised to where no class of the given probability or more is excluded.
    ///
    /// - Parameters:
    ///   - thresholds: One a class.
    ///   - alwaysPossible: Over 0 and at most 1; nil leaves the thresholds as they are.
    public static func raised(_ thresholds: [Double], alwaysPossible: Double? = alwaysPossible) -> [Double] {
        alwaysPossible.map { probability in thresholds.map { max($0, 1 - probability) } } ?? thresholds
    }

    /// The most probable class and every other whose probability is at least `1 - threshold`, ascending.
    ///
    /// A plain conformal set may be empty where a class is usually answered with more certainty than here. An empty set
    /// tells a reader nothing, and adding a class never lowers the coverage.
    ///
    /// - Precondition: `probabilities` and `thresholds` have one entry a class.
    public static func set(probabilities: [Double], thresholds: [Double]) -> [Int] {
        precondition(probabilities.count == thresholds.count, "one threshold a class")
        // Comparing scores, exactly as they were computed, keeps an image on its own class's threshold inside.
        let best = probabilities.argmax
        return probabilities.indices.filter { $0 == best || 1 - probabilities[$0] <= thresholds[$0] }
    }

    private static func quantile(of scores: [Double], coverage: Double) -> Double {
        // The tiny term keeps (n+1)·coverage that is whole in decimals from rounding up to the next rank.
        let rank = Int((Double(scores.count + 1) * coverage - 1e-9).rounded(.up))
        guard rank <= scores.count else { return 1 }
        return scores.sorted()[max(rank, 1) - 1]
    }
}

/// How large conformal sets are, and how often they hold the truth.
public struct ConformalSummary: Sendable, Equatable, Codable {
    /// Share of images whose set holds the true class.
    public let coverage: Double
    /// The same in each class, `[classes]`; `nil` for a class without images.
    public let coveragePerClass: [Double?]
    /// Mean number of classes in a set.
    public let meanSize: Double
    /// Number of images whose set has 0, 1, … classes, `[classes + 1]`.
    public let sizes: [Int]

    /// - Throws: `EvaluationError` for predictions that cannot be measured, or another number of thresholds.
    public init(_ predictions: [LabelledPrediction], thresholds: [Double]) throws {
        try validate(predictions, classes: thresholds.count)
        let sets = predictions.map {
            ConformalPrediction.set(probabilities: $0.probabilities, thresholds: thresholds)
        }
        try self.init(labels: predictions.map(\.label), sets: sets, classes: thresholds.count)
    }

    /// - Parameters:
    ///   - labels: True classes, `[N]`.
    ///   - sets: The classes of each set, each once, `[N]`.
    ///   - classes: How many there are.
    /// - Throws: `EvaluationError` for no images, other lengths or classes that there are not.
    public init(labels: [Int], sets: [[Int]], classes: Int) throws {
        guard !labels.isEmpty else { throw EvaluationError(code: .empty, message: "no prediction sets to count") }
        guard labels.count == sets.count else {
            throw EvaluationError(code: .shape, message: "\(labels.count) labels, but \(sets.count) sets")
        }
        var sizes = Array(repeating: 0, count: classes + 1)
        var support = Array(repeating: 0, count: classes)
        var covered = Array(repeating: 0, count: classes)
        for (row, (label, set)) in zip(labels, sets).enumerated() {
            try validate(label: label, classes: classes, row: row)
            for member in set { try validate(label: member, classes: classes, row: row) }
            guard set.count <= classes else {
                throw EvaluationError(code: .shape, message: "a set of \(set.count) of \(classes) classes", row: row)
            }
            sizes[set.count] += 1
            support[label] += 1
            if set.contains(label) { covered[label] += 1 }
        }
        let total = Double(labels.count)
        coverage = Double(covered.reduce(0, +)) / total
        coveragePerClass = support.indices.map {
            support[$0] == 0 ? nil : Double(covered[$0]) / Double(support[$0])
        }
        meanSize = Double(sizes.enumerated().reduce(0) { $0 + $1.offset * $1.element }) / total
        self.sizes = sizes
    }
}
