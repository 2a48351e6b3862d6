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
        /// The greatest novelty score at which Benign is told; a malignant class is told up to `novelty`.
        public var benignNovelty: Double?
        /// The share of images whose class the prediction set is to hold, 0 to 1.
        public var coverage: Double
        /// Below this calibrated probability no answer is given, 0 to 1.
        public var minimumConfidence: Double
        public var agreement: AgreementLimits?

        public init(
            quality: QualityLimits, novelty: Double, benignNovelty: Double? = nil, coverage: Double,
            minimumConfidence: Double, agreement: AgreementLimits? = nil
        ) {
            (self.quality, self.novelty, self.benignNovelty) = (quality, novelty, benignNovelty)
            (self.coverage, self.minimumConfidence) = (coverage, minimumConfidence)
            self.agreement = agreement
        }
    }

    /// Of the image as the network sees it; nil where it was not measured.
    public var quality: ImageQuality?
    /// How far the strongest regular pattern stands above other detail, as a screen's dots do: the natural logarithm of
    /// amplitudes; nil where it was not measured.
    public var pattern: Double?
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
    /// What the white cells say; nil where nobody read them.
    public var cells: CellFacts?
    /// How the fields of a large image stand to each other; nil for an image that was seen whole.
    public var fields: FieldFacts?
    public var limits: Limits

    /// The greatest pattern that is still accepted.
    public static let greatestPattern = 3.5

    /// The memberwise initialiser.
    public init(
        quality: ImageQuality?, pattern: Double? = nil, missing: MissingContent?, novelty: Double,
        aspect: AppearanceAspect?,
        label: SmearClass, confidence: Double, predictionSet: [SmearClass], cells: CellFacts? = nil,
        fields: FieldFacts? = nil,
        limits: Limits
    ) {
        (self.quality, self.pattern, self.missing) = (quality, pattern, missing)
        (self.novelty, self.aspect) = (novelty, aspect)
        (self.label, self.confidence, self.predictionSet) = (label, confidence, predictionSet)
        (self.cells, self.fields, self.limits) = (cells, fields, limits)
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

    /// Why the image, or one field of it, cannot be read; empty where it can.
    public var refusals: [Reason] {
        var reasons = fields.flatMap { $0.read == 0 ? [Reason.noUsableField(fields: $0.all)] : nil } ?? []
        reasons += quality.map(limits.quality.failures) ?? []
        if let pattern, pattern > Self.greatestPattern {
            return reasons + [.screen(found: pattern, limit: Self.greatestPattern)]
        }
        // Where no field got so far, nothing that is like the images of training was looked at.
        if fields?.judged == 0 { return reasons }
        if let missing {
            reasons.append(.notASmear(missing: missing))
        } else if isUnfamiliar {
            reasons.append(.unfamiliar(found: novelty, limit: limits.novelty, aspect: aspect))
        }
        return reasons
    }

    private var doubts: [Reason] {
        var reasons: [Reason] = []
        if predictionSet.count > 1 {
            reasons.append(.severalClasses(classes: predictionSet, coverage: limits.coverage))
        }
        if confidence < limits.minimumConfidence {
            reasons.append(.lowConfidence(found: confidence, limit: limits.minimumConfidence))
        }
        // A network is least to be trusted where an image is strange, and to miss leukaemia is the worst that it can do.
        if let limit = limits.benignNovelty, !label.isMalignant, novelty > limit {
            reasons.append(.tooUnfamiliarForBenign(found: novelty, limit: limit))
        }
        if let fields, !label.isMalignant, fields.malignant > 0 {
            reasons.append(.fieldsDisagree(malignant: fields.malignant, read: fields.read))
        }
        if let disagreement { reasons.append(disagreement) }
        return reasons
    }

    /// The field and its cells contradict each other: a class is told only where both say the same.
    private var disagreement: Reason? {
        guard let agreement = limits.agreement, let cells else { return nil }
        let evidence = cells.evidence
        if label.isMalignant {
            let limit = agreement.malignantMinimum
            return evidence < limit ? .readersDisagree(label: label, evidence: evidence, limit: limit) : nil
        }
        let limit = agreement.benignMaximum
        if evidence > limit { return .readersDisagree(label: label, evidence: evidence, limit: limit) }
        return cells.missing.map { .unchecked(missing: $0) }
    }
}

/// What a decision needs to know of the fields of a large image, whose answers are one (`ClassProbabilities.init(of:)`).
public struct FieldFacts: Sendable, Equatable {
    /// Fields that the image was cut into.
    public var all: Int
    /// Those that were good enough to be compared with the images of training.
    public var judged: Int
    /// Those that were read.
    public var read: Int
    /// Of those that were read the ones whose most probable class is malignant.
    public var malignant: Int

    public init(all: Int, judged: Int, read: Int, malignant: Int) {
        (self.all, self.judged, self.read, self.malignant) = (all, judged, read, malignant)
    }
}

/// What a decision needs to know of the white cells.
public struct CellFacts: Sendable, Equatable {
    /// That there are blasts among them, 0 to 1.
    public var evidence: Double
    /// Why the evidence rests on nothing that was seen; nil where it rests on cells at a known scale. It still stands against
    /// a malignant class that it contradicts, but backs no benign one.
    public var missing: MissingCheck?

    public init(evidence: Double, missing: MissingCheck? = nil) {
        (self.evidence, self.missing) = (evidence, missing)
    }

    public init(_ findings: CellFindings) {
        self.init(
            evidence: findings.blastEvidence.value,
            missing: findings.scale.source == .unknown ? .scale : findings.differential.total == 0 ? .cells : nil)
    }
}

/// What the check by the white cells lacked.
public enum MissingCheck: String, Sendable, Codable, CaseIterable {
    /// No white cell was found.
    case cells
    /// Nothing told how large a red cell is.
    case scale
}

/// Between which evidence of blasts the cells contradict neither class; all are 0 to 1.
public struct AgreementLimits: Codable, Sendable, Equatable {
    /// Benign is told up to this evidence only.
    public var benignMaximum: Double
    /// A malignant class is told from this evidence on only.
    public var malignantMinimum: Double

    public init(benignMaximum: Double, malignantMinimum: Double) {
        (self.benignMaximum, self.malignantMinimum) = (benignMaximum, malignantMinimum)
    }
}
