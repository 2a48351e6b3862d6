import Evaluation
import Findings
import Foundation

/// How honest the confidences of a cross-validation are, and by which calibration.
public struct CalibrationResults: Codable, Sendable {
    /// One way of calibration on the same answers.
    public struct Candidate: Codable, Sendable {
        public let method: LogitCalibrator.Method
        /// In nats.
        public let negativeLogLikelihood: Double
        public let ece15: Double
        public let brier: Double
    }

    public let source: CrossCalibration.Source
    public let method: LogitCalibrator.Method
    /// One a fold.
    public let temperatures: [Double]
    /// All methods, each fitted and measured in the same way.
    public let candidates: [Candidate]
    /// Bins of the reliability diagram of all test images.
    public let reliability: [Calibration.Bin]

    init(_ judged: JudgedFolds) throws {
        source = judged.calibration.source
        method = judged.calibration.settings.method
        temperatures = judged.calibration.fits.map(\.calibrator.temperature)
        reliability = try Calibration(judged.judged.flatMap { $0 }).bins
        candidates = try LogitCalibrator.Method.allCases.map { method in
            var settings = judged.calibration.settings
            settings.method = method
            let found = try Calibration(judged.with(settings).judged.flatMap { $0 })
            return Candidate(
                method: method, negativeLogLikelihood: found.negativeLogLikelihood, ece15: found.expectedError,
                brier: found.brier)
        }
    }
}

/// How large the prediction sets of a cross-validation are, and how often they hold the true class.
public struct PredictionSetResults: Codable, Sendable {
    /// One kind of sets on the same answers.
    public struct Candidate: Codable, Sendable {
        public let score: ConformalScore
        /// The calibrated probability from which on a class is never excluded; nil where there is none.
        public let alwaysPossible: Double?
        public let summary: ConformalSummary
        /// Share of images with a single class in the set.
        public let singles: Double
        /// Share of those whose single class is wrong.
        public let wrongSingles: Double

        /// Coverage of the class that is covered least.
        package var leastCovered: Double? { summary.coveragePerClass.compactMap { $0 }.min() }
    }

    /// The stated coverage in each class.
    public let coverage: Double
    public let score: ConformalScore
    public let alwaysPossible: Double?
    public let summary: ConformalSummary
    /// The largest distance of a class's coverage from the stated one.
    public let largestGap: Double
    /// The sets that are used, among the candidates.
    package var used: Candidate? { candidates.first { $0.score == score && $0.alwaysPossible == alwaysPossible } }
    /// The least ambiguous sets by the quantile alone.
    package var plain: Candidate? { candidates.first { $0.score == .leastAmbiguous && $0.alwaysPossible == nil } }
    /// All kinds, each fitted and measured in the same way.
    public let candidates: [Candidate]

    package init(_ judged: JudgedFolds, classes: Int) throws {
        coverage = judged.calibration.settings.coverage
        score = judged.calibration.settings.score
        alwaysPossible = judged.calibration.settings.alwaysPossible
        var kinds = ConformalScore.allCases.map { (score: $0, alwaysPossible: Double?.none) }
        kinds.insert((.leastAmbiguous, ConformalPrediction.alwaysPossible), at: 0)
        let candidates = try kinds.map { score, alwaysPossible in
            var settings = judged.calibration.settings
            settings.score = score
            settings.alwaysPossible = alwaysPossible
            return try Self.candidate(judged.with(settings), classes: classes)
        }
        summary = try Self.candidate(judged, classes: classes).summary
        largestGap = summary.coveragePerClass.compactMap { $0 }.map { [coverage] in abs($0 - coverage) }.max() ?? 0
        self.candidates = candidates
    }

    /// Images of classes that the training part did not hold count too: that their sets miss them is what a reader meets.
    private static func candidate(_ judged: JudgedFolds, classes: Int) throws -> Candidate {
        let labels = judged.calibration.predictions.flatMap { $0.map(\.label) }
        let sets = judged.calibration.sets.flatMap { $0 }
        let singles = zip(labels, sets).filter { $1.count == 1 }
        return Candidate(
            score: judged.calibration.settings.score, alwaysPossible: judged.calibration.settings.alwaysPossible,
            summary: try ConformalSummary(labels: labels, sets: sets, classes: classes),
            singles: Double(singles.count) / Double(max(1, labels.count)),
            wrongSingles: Double(singles.count { !$1.contains($0) }) / Double(max(1, singles.count)))
    }
}

/// What answering only the surer images gives, and what would have been told.
public struct SelectionResults: Codable, Sendable {
    /// Shares of images answered that the curve is given at.
    public static let coverages = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1]

    /// Points of the risk–coverage curve: for each of `coverages` the first that answers as many.
    public let curve: [RiskCoverageCurve.Point]
    /// Area under the whole curve.
    public let area: Double
    /// The smallest confidence of an answer, one a fold, chosen on the images that its calibration was fitted on.
    public let minimumConfidences: [Double]
    /// What would have been told of the test images, with each fold's own limits.
    public let decisions: DecisionFigures

    init(_ judged: JudgedFolds) throws {
        let curve = try RiskCoverageCurve(judged.judged.flatMap { $0 })
        self.curve = Self.coverages.compactMap { share in curve.points.first { $0.coverage >= share } }
        area = curve.area
        minimumConfidences = judged.calibration.fits.map(\.selection.minimumConfidence)
        decisions = DecisionFigures(judged.decided.flatMap { $0 })
    }
}

/// A test image that was answered wrongly.
public struct FoldMistake: Codable, Sendable {
    /// As many as are kept, the most confident first.
    static let limit = 25

    /// The path within the data set.
    public let file: String
    /// Class keys.
    public let label: String
    public let answer: String
    public let confidence: Double
    public let fold: String
    /// The acquisition series, where known.
    public let series: String?
    /// What a reader would have been told.
    public let decision: Decision

    static func all(_ judged: JudgedFolds, classKeys: [String]) -> [FoldMistake] {
        let mistakes = zip(judged.folds, judged.decided).flatMap { fold, answers in
            zip(fold.test, answers).compactMap { raw, answer -> FoldMistake? in
                let prediction = answer.prediction
                guard prediction.predicted != prediction.label else { return nil }
                return FoldMistake(
                    file: prediction.id, label: classKeys[prediction.label], answer: classKeys[prediction.predicted],
                    confidence: prediction.confidence, fold: fold.name, series: raw.series,
                    decision: answer.decision)
            }
        }
        return mistakes.sorted { ($1.confidence, $0.file) < ($0.confidence, $1.file) }
    }
}
