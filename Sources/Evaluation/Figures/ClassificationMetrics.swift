import Findings

/// Everything that is reported of a model on one set of labelled images: the JSON of `leukoscope evaluate --json`.
///
/// A figure that the images do not define (recall of a class that does not occur) is `nil`, in JSON `null`.
public struct ClassificationMetrics: Sendable, Equatable {
    /// The figures of one class.
    public struct ClassFigures: Sendable, Equatable {
        public let precision: Double?
        /// Sensitivity.
        public let recall: Double?
        public let f1: Double?
        /// Number of images of the class.
        public let support: Int
    }

    /// How many images were answered, left open or refused.
    public struct Decisions: Sendable, Equatable, Codable {
        public var report: Int
        public var uncertain: Int
        public var rejected: Int

        public init(report: Int = 0, uncertain: Int = 0, rejected: Int = 0) {
            (self.report, self.uncertain, self.rejected) = (report, uncertain, rejected)
        }
    }

    /// Number of images.
    public let images: Int
    public let accuracy: Double
    /// Mean F1 of the classes that occur or are predicted.
    public let macroF1: Double
    /// By class key.
    public let perClass: [String: ClassFigures]
    /// `[classes, classes]`, rows true, columns predicted, in the order of the class keys.
    public let confusion: [[Int]]
    /// Share of malignant images predicted as any malignant class.
    public let malignantSensitivity: Double?
    /// Share of benign images predicted as benign.
    public let benignSpecificity: Double?
    /// Area under the ROC curve of malignancy, scored by `1 - p(benign)`.
    public let auroc: Double?
    /// Expected calibration error over 15 equal-width bins.
    public let ece15: Double
    /// Multi-class Brier score, 0 to 2.
    public let brier: Double
    /// 95 % bootstrap intervals by figure: `accuracy`, `macroF1`, `malignantSensitivity`, `benignSpecificity`, `auroc`,
    /// `ece15`, `brier`, and for each class `sensitivity.<key>` and `specificity.<key>`.
    public let confidenceIntervals95: [String: ConfidenceInterval]
    /// Set when the whole screening ran, not the network alone.
    public var decisions: Decisions?

    /// Measures `predictions`.
    ///
    /// - Parameters:
    ///   - predictions: `[N]`, probabilities in the order of `classKeys`.
    ///   - classKeys: `[classes]`.
    ///   - bootstrap: How intervals are found; `nil` leaves them out (quick, for each epoch of a training).
    ///   - decisions: Counts to carry along.
    /// - Throws: `EvaluationError` for predictions that cannot be measured.
    public init(
        _ predictions: [LabelledPrediction], classKeys: [String], bootstrap: GroupBootstrap? = GroupBootstrap(),
        decisions: Decisions? = nil
    ) throws {
        try validate(predictions, classes: classKeys.count)
        let figures = try ResampledFigures(predictions, classes: classKeys.count)
        let matrix = figures.confusion(counts: nil)
        let calibration = try Calibration(predictions)
        images = predictions.count
        accuracy = matrix.accuracy ?? 0
        macroF1 = matrix.macroF1 ?? 0
        perClass = Dictionary(
            classKeys.enumerated().map { index, key in
                let figures = ClassFigures(
                    precision: matrix.precision(index), recall: matrix.recall(index), f1: matrix.f1(index),
                    support: matrix.support(index))
                return (key, figures)
            }, uniquingKeysWith: { first, _ in first })
        confusion = matrix.counts
        malignantSensitivity = matrix.malignantSensitivity
        benignSpecificity = matrix.benignSpecificity
        auroc = figures.auroc(counts: nil)
        ece15 = calibration.expectedError
        brier = calibration.brier
        self.decisions = decisions
        var intervals: [String: ConfidenceInterval] = [:]
        if let bootstrap {
            let found = bootstrap.intervals(groups: predictions.map(\.group)) { figures.values(counts: $0) }
            for (name, interval) in zip(ResampledFigures.names(classKeys), found) { intervals[name] = interval }
        }
        confidenceIntervals95 = intervals
    }
}

extension ClassificationMetrics: Codable {
    private enum CodingKeys: String, CodingKey {
        case images, accuracy, macroF1, perClass, confusion, malignantSensitivity, benignSpecificity, auroc, ece15
        case brier, confidenceIntervals95, decisions
    }

    /// Writes every key, a figure that is not defined as `null`, so that readers need no special case.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(images, forKey: .images)
        try values.encode(accuracy, forKey: .accuracy)
        try values.encode(macroF1, forKey: .macroF1)
        try values.encode(perClass, forKey: .perClass)
        try values.encode(confusion, forKey: .confusion)
        try values.encode(malignantSensitivity, forKey: .malignantSensitivity)
        try values.encode(benignSpecificity, forKey: .benignSpecificity)
        try values.encode(auroc, forKey: .auroc)
        try values.encode(ece15, forKey: .ece15)
        try values.encode(brier, forKey: .brier)
        try values.encode(confidenceIntervals95, forKey: .confidenceIntervals95)
        try values.encodeIfPresent(decisions, forKey: .decisions)
    }
}

extension ClassificationMetrics.ClassFigures: Codable {
    private enum CodingKeys: String, CodingKey {
        case precision, recall, f1, support
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(precision, forKey: .precision)
        try values.encode(recall, forKey: .recall)
        try values.encode(f1, forKey: .f1)
        try values.encode(support, forKey: .support)
    }
}
