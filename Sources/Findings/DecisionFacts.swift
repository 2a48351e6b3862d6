/// Everything that a decision rests on, and the only rule that makes one: for a person's image, for the figures of a test
/// set and for those of a cross-validation alike.
///
/// Rejected before uncertain before report; every reason of that rank is told.
public struct DecisionFacts: Sendable, Equatable {
    /// What the facts are held against; a limit that is nil is not checked.
    public struct Limits: Sendable, Equatable {
        public var quality: QualityLimits
        /// The greatest novelty score that is still accepted.
        public var novelty: Double
        /// The share of images whose class the prediction set is to hold, 0 to 1.
        public var coverage: Double
        /// Below this calibrated probability no answer is given, 0 to 1.
        public var minimumConfidence: Double

        public init(quality: QualityLimits, novelty: Double, coverage: Double, minimumConfidence: Double) {
            (self.quality, self.novelty) = (quality, novelty)
            (self.coverage, self.minimumConfidence) = (coverage, minimumConfidence)
        }
    }

    /// Of the image as the network sees it; nil where it was not measured.
    public var quality: ImageQuality?
    /// What is missing of a stained smear; nil where nothing is, or nothing was asked.
    public var missing: MissingContent?
    /// Larger is less familiar.
    public var novelty: Double
    /// In what the image differs most from the training images; nil where the score does not tell.
    public var aspect: AppearanceAspect?
    /// The most probable class.
    public var label: SmearClass
    /// The calibrated probability of `label`, 0 to 1.
    public var confidence: Double
    /// The classes that remain possible, in class order.
    public var predictionSet: [SmearClass]
    public var limits: Limits

    /// The memberwise initialiser.
    public init(
        quality: ImageQuality?, missing: MissingContent?, novelty: Double, aspect: AppearanceAspect?,
        label: SmearClass, confidence: Double, predictionSet: [SmearClass], limits: Limits
    ) {
        (self.quality, self.missing, self.novelty, self.aspect) = (quality, missing, novelty, aspect)
        (self.label, self.confidence, self.predictionSet, self.limits) = (label, confidence, predictionSet, limits)
    }

    public var decision: Decision {
        if !refusals.isEmpty { return .rejected }
        return doubts.isEmpty ? .report : .uncertain
    }

    /// Why, never empty.
    public var reasons: [Reason] {
        if !refusals.isEmpty { return refusals }
        if !doubts.isEmpty { return doubts }
        return [.standsOut(label: label, confidence: confidence, coverage: limits.coverage)]
    }

    /// Whether the image is unlike the training images, whatever else is wrong with it.
    public var isUnfamiliar: Bool { novelty > limits.novelty }

    private var refusals: [Reason] {
        var reasons = quality.map { failures(of: $0) } ?? []
        if let missing {
            reasons.append(.notASmear(missing: missing))
        } else if isUnfamiliar {
            reasons.append(.unfamiliar(found: novelty, limit: limits.novelty, aspect: aspect))
        }
        return reasons
    }

    private func failures(of quality: ImageQuality) -> [Reason] {
        let limits = limits.quality
        func below(_ found: Double, _ limit: Double?, _ reason: (Double, Double) -> Reason) -> Reason? {
            limit.flatMap { found < $0 ? reason(found, $0) : nil }
        }
        return [
            below(quality.sharpness, limits.minimumSharpness, Reason.blurred),
            below(quality.brightness, limits.minimumBrightness, Reason.tooDark),
            limits.maximumBrightness.flatMap {
                quality.brightness > $0 ? .tooBright(found: quality.brightness, limit: $0) : nil
            },
            below(quality.contrast, limits.minimumContrast, Reason.lowContrast),
            below(quality.stainedFraction, limits.minimumStainedFraction, Reason.littleStained),
        ].compactMap { $0 }
    }

    private var doubts: [Reason] {
        var reasons: [Reason] = []
        if predictionSet.count > 1 {
            reasons.append(.severalClasses(classes: predictionSet, coverage: limits.coverage))
        }
        if confidence < limits.minimumConfidence {
            reasons.append(.lowConfidence(found: confidence, limit: limits.minimumConfidence))
        }
        return reasons
    }
}
