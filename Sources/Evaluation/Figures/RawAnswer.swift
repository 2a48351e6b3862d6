/// What a network answered to one labelled image, before any calibration: all that is fitted after training can be fitted
/// anew from it.
public struct RawAnswer: Sendable, Equatable, Codable {
    /// Names the image in listings, for example its path.
    public let id: String
    /// Images of one group (duplicates, one patient) are resampled together.
    public let group: String
    /// True class, an index into the class keys.
    public let label: Int
    /// `[classes]`, as the network gives them.
    public let logits: [Double]
    /// The acquisition series, where known.
    public let series: String?

    public init(id: String, group: String, label: Int, logits: [Double], series: String? = nil) {
        (self.id, self.group, self.label, self.logits, self.series) = (id, group, label, logits, series)
    }

    /// Whether the argmax of the logits is the true class.
    public var isCorrect: Bool { logits.argmax == label }

    /// The answer with calibrated probabilities.
    ///
    /// - Precondition: The calibrator is for as many classes.
    public func calibrated(by calibrator: LogitCalibrator) -> LabelledPrediction {
        LabelledPrediction(label: label, probabilities: calibrator.probabilities(logits), group: group, id: id)
    }
}

extension Array where Element: Comparable {
    /// The index of the largest element, the first of equal ones; 0 of none.
    package var argmax: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
