import Findings

/// A test image with everything that a package's decision rests on.
public struct DecidedAnswer: Sendable {
    public let prediction: LabelledPrediction
    public let facts: DecisionFacts

    public init(_ prediction: LabelledPrediction, _ facts: DecisionFacts) {
        self.prediction = prediction
        self.facts = facts
    }

    public var decision: Decision { facts.decision }
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

    public init(_ answers: [DecidedAnswer]) {
        images = answers.count
        let reported = answers.filter { $0.decision == .report }.map(\.prediction)
        report = reported.count
        uncertain = answers.count { $0.decision == .uncertain }
        rejected = answers.count { $0.decision == .rejected }
        wrongReports = reported.count { $0.predicted != $0.label }
        let isMalignant = SmearClass.isMalignant
        missedMalignant = reported.count { isMalignant($0.label) && !isMalignant($0.predicted) }
        falseMalignant = reported.count { !isMalignant($0.label) && isMalignant($0.predicted) }
    }
}
