/// The confidence from which an answer is given, chosen on a risk–coverage curve.
///
/// After Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks", NeurIPS 2017, section 3, with the
/// measured risk in place of its upper bound; whether the risk holds on other images is checked on other folds.
public struct SelectiveThreshold: Sendable, Equatable, Codable {
    /// The rule, of which `SelectiveThreshold` is the outcome.
    public struct Rule: Sendable, Equatable, Codable {
        /// Largest share of wrong answers among those given, 0 to 1.
        public var maximumRisk: Double
        /// Least share of images that must be answered, 0 to 1.
        public var minimumCoverage: Double
        /// Never below: under one half the other classes together are more probable.
        public var lowestConfidence: Double

        public init(maximumRisk: Double = 0.005, minimumCoverage: Double = 0.9, lowestConfidence: Double = 0.5) {
            (self.maximumRisk, self.minimumCoverage) = (maximumRisk, minimumCoverage)
            self.lowestConfidence = lowestConfidence
        }
    }

    public let rule: Rule
    /// The smallest confidence, not under the lowest, from which on the risk is at most the largest allowed.
    public let minimumConfidence: Double
    /// Share of the images that it answers.
    public let coverage: Double
    /// Share of wrong answers among those.
    public let risk: Double
    /// Images that it was chosen on.
    public let images: Int
    /// False where that risk would leave too few images answered: then the confidence is the one of least risk among those
    /// that answer enough.
    public let isReached: Bool

    /// - Throws: `EvaluationError` for predictions that cannot be measured or shares out of range.
    public init(_ predictions: [LabelledPrediction], rule: Rule = Rule()) throws {
        let shares = [rule.maximumRisk, rule.minimumCoverage, rule.lowestConfidence]
        guard shares.allSatisfy({ (0...1).contains($0) }) else {
            throw EvaluationError(code: .parameter, message: "risk, coverage and confidence lie from 0 to 1")
        }
        let points = try RiskCoverageCurve(predictions).points
        let allowed = points.filter { $0.confidence >= rule.lowestConfidence }
        let best = allowed.last { $0.risk <= rule.maximumRisk }
        let enough = allowed.filter { $0.coverage >= rule.minimumCoverage }
        // Of equal risks the one that answers most.
        let least = enough.reversed().min { $0.risk < $1.risk } ?? allowed.last
        isReached = best.map { $0.coverage >= rule.minimumCoverage } ?? false
        let chosen = isReached ? best : least
        self.rule = rule
        // Where every confidence is at least the one chosen, the limit of the rule says the same and means more.
        let isAll = chosen?.coverage == 1
        minimumConfidence = isAll ? rule.lowestConfidence : chosen?.confidence ?? rule.lowestConfidence
        coverage = chosen?.coverage ?? 0
        risk = chosen?.risk ?? 0
        images = predictions.count
    }
}
