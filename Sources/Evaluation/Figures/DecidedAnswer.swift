/// A test image with everything that a package's decision rests on.
public struct DecidedAnswer: Sendable {
    /// As in a screening: refused before left open before answered.
    public enum Decision: Sendable { case report, uncertain, rejected }

    public let prediction: LabelledPrediction
    public let decision: Decision

    /// - Parameters:
    ///   - set: the classes that remain possible.
    ///   - isNovel: whether the novelty score is above its threshold.
    ///   - minimumConfidence: below it no answer is given.
    public init(_ prediction: LabelledPrediction, set: [Int], isNovel: Bool, minimumConfidence: Double) {
        self.prediction = prediction
        if isNovel {
            decision = .rejected
        } else {
            decision = set.count > 1 || prediction.confidence < minimumConfidence ? .uncertain : .report
        }
    }
}

/// What a reader would have been told, counted.
public struct DecisionFigures: Sendable, Equatable, Codable {
    public let images: Int
    public let report: Int
    public let uncertain: Int
    public let rejected: Int
    /// Reported with another class than the true one.
    public let wrongReports: Int
    /// Malignant images reported as benign.
    public let missedMalignant: Int
    /// Benign images reported as malignant.
    public let falseMalignant: Int

    public init(_ answers: [DecidedAnswer], benign: Int = 0) {
        images = answers.count
        let reported = answers.filter { $0.decision == .report }.map(\.prediction)
        report = reported.count
        uncertain = answers.count { $0.decision == .uncertain }
        rejected = answers.count { $0.decision == .rejected }
        wrongReports = reported.count { $0.predicted != $0.label }
        missedMalignant = reported.count { $0.label != benign && $0.predicted == benign }
        falseMalignant = reported.count { $0.label == benign && $0.predicted != benign }
    }
}
