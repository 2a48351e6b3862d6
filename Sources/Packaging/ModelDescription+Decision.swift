extension ModelDescription {
    /// When an answer is given.
    public struct DecisionLimits: Codable, Sendable, Equatable {
        /// Below this calibrated probability the answer is `uncertain`; 0 to 1.
        public var minimumConfidence: Double
        /// How it was chosen; `nil` where it was not chosen by measurement.
        public var selection: Selection?

        /// - Parameters:
        ///   - minimumConfidence: 0 to 1.
        ///   - selection: How it was chosen.
        public init(minimumConfidence: Double, selection: Selection? = nil) {
            self.minimumConfidence = minimumConfidence
            self.selection = selection
        }
    }

    /// The rule that chose the smallest confidence of an answer, and what it gave: the smallest confidence, not under
    /// `lowestConfidence`, from which on at most `maximumRisk` of the answers are wrong and at least `minimumCoverage` of the
    /// images are answered. All are shares, 0 to 1.
    public struct Selection: Codable, Sendable, Equatable {
        /// The largest share of wrong answers that the rule allows.
        public var maximumRisk: Double
        /// The least share of images that the rule wants answered.
        public var minimumCoverage: Double
        /// The rule never goes below.
        public var lowestConfidence: Double
        /// Share of wrong answers that was measured.
        public var risk: Double
        /// Share of images answered that was measured.
        public var coverage: Double
        /// Images that it was chosen on.
        public var images: Int
        /// Whether the risk was reached; else the confidence of least risk among those that answer enough was taken.
        public var isReached: Bool

        /// The memberwise initialiser.
        public init(
            maximumRisk: Double, minimumCoverage: Double, lowestConfidence: Double, risk: Double, coverage: Double,
            images: Int, isReached: Bool
        ) {
            self.maximumRisk = maximumRisk
            self.minimumCoverage = minimumCoverage
            self.lowestConfidence = lowestConfidence
            self.risk = risk
            self.coverage = coverage
            self.images = images
            self.isReached = isReached
        }
    }
}
