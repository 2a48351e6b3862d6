import Findings

/// What the images of one sample say together; conservative, because somebody may act on it.
///
/// With the rule of the model's package (`VerdictRule`) a case is urgent when enough distinct fields are reported malignant: how
/// many depends on the number of fields, and all cells together count as one more. Without a rule, or where another model
/// answered some of the images, one report is enough. A doctor's signed malignant reading always is.
///
/// A case is benign only when no image waits, every usable image is reported benign on a qualified microscope or signed so by
/// a doctor, and the cells do not contradict. Anything between is undecided.
///
/// Images without an answer (rejected, failed) count for neither side, and the page says how many there are. Images of one
/// field count once. A signed reading that is more serious than the network's answer replaces it. The verdict is on these
/// images, never on a person.
public struct CaseVerdict: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// There are no images yet.
        case empty
        /// Images wait, and none of those done is reported malignant.
        case waiting
        /// As many fields are reported as a malignant class as the rule asks for, or a doctor signed one.
        case urgent
        /// Every usable image is reported benign, each on a qualified microscope or signed so.
        case benign
        /// Usable images, too few malignant ones, not all benign, or not all of qualified microscopes.
        case undecided
        /// Nothing waits, and no image could be answered.
        case unusable
    }

    public let kind: Kind
    /// Images reported as each malignant class, the most frequent first, then in the order of the classes.
    public let malignant: [Count]
    public let benignCount: Int
    /// Images with more than one possible class.
    public let uncertainCount: Int
    /// Images that were declined.
    public let rejectedCount: Int
    public let failedCount: Int
    public let pendingCount: Int
    /// What doctors signed.
    public let readings: CaseReadings
    /// Distinct usable fields of view.
    public let usableCount: Int
    /// Images that show a field again which another image of the case stands for.
    public let repeated: [Repetition]
    /// What the rule holds for so many fields, and how often sets of them would be called urgently; nil without a rule for
    /// these answers, without usable fields, and while images wait.
    public let stated: VerdictRule.Step?
    /// Whether the rule of the model's package led to it, and not that of one report.
    public let isRuled: Bool
    /// Whether a doctor signed a malignant class of an image that counts.
    public let isSignedMalignant: Bool
    /// Distinct usable fields that no qualified microscope made: they cannot reassure.
    public let unqualifiedCount: Int
    /// Whether it is undecided for that reason alone: every usable image is reported benign.
    public let isUnqualifiedBenign: Bool

    /// An image that does not count, because another shows the same field.
    public struct Repetition: Sendable, Equatable {
        public let image: ImageID
        /// The image that counts.
        public let of: ImageID
        public let relation: FieldRelation

        public init(image: ImageID, of: ImageID, relation: FieldRelation) {
            (self.image, self.of, self.relation) = (image, of, relation)
        }
    }

    /// How often a class was reported.
    public struct Count: Sendable, Equatable {
        public let label: SmearClass
        public let images: Int

        public init(label: SmearClass, images: Int) {
            self.label = label
            self.images = images
        }
    }

    /// Usable fields of view that a reader would want before saying anything about a sample. A differential counts at
    /// least 100 white cells (CLSI H20-A2, 400 for a reference count); a field at 100× shows some ten of them.
    public static let wantedFields = 10

    /// Fields that are still missing for a reader, 0 or more.
    public var missingFields: Int { max(0, Self.wantedFields - usableCount) }

    /// A verdict without a rule, on images that are all distinct.
    ///
    /// - Parameter isQualified: Whether qualified microscopes made them.
    public init(
        findings: [Finding], isQualified: Bool = false, readings: CaseReadings = CaseReadings(), pendingCount: Int,
        failedCount: Int
    ) {
        self.init(
            fields: findings.map { CaseField(finding: $0, isQualified: isQualified) }, readings: readings,
            pendingCount: pendingCount, failedCount: failedCount)
    }

    /// - Parameters:
    ///   - fields: The images that are done.
    ///   - overlaps: Which of them show the same field.
    ///   - rule: That of the model in use; nil where its package has none.
    ///   - readings: What doctors signed.
    ///   - pendingCount: Screenings that are queued or running.
    ///   - failedCount: Screenings that got no answer.
    public init(
        fields: [CaseField], overlaps: [ImageOverlap] = [], rule: VerdictRule? = nil,
        readings: CaseReadings = CaseReadings(), pendingCount: Int, failedCount: Int
    ) {
        let findings = fields.map(\.finding)
        let distinct = DistinctFields(fields, overlaps)
        let reported = findings.compactMap(\.reported)
        self.readings = readings
        malignant = SmearClass.allCases.filter(\.isMalignant).map { smearClass in
            Count(label: smearClass, images: reported.count { $0 == smearClass })
        }.filter { $0.images > 0 }.sorted { ($1.images, $0.label.index) < ($0.images, $1.label.index) }
        benignCount = reported.count { !$0.isMalignant }
        uncertainCount = findings.count { $0.decision == .uncertain }
        rejectedCount = findings.count { $0.decision == .rejected }
        (self.failedCount, self.pendingCount) = (failedCount, pendingCount)
        usableCount = distinct.counted.count
        repeated = distinct.repeated
        let judged = RuledFields(distinct.counted, waiting: pendingCount, rule: rule)
        isRuled = judged.rule != nil
        isSignedMalignant = distinct.counted.contains(where: \.isSignedMalignant)
        unqualifiedCount = distinct.counted.count { !$0.isBacked }
        stated = pendingCount > 0 ? nil : judged.rule?.step(ofFields: distinct.counted.count)
        let isAllBenign = uncertainCount == 0 && malignant.isEmpty && !judged.isContradicted
        let kind: Kind =
            if judged.isUrgent {
                .urgent
            } else if pendingCount > 0 {
                .waiting
            } else if findings.isEmpty && failedCount == 0 {
                .empty
            } else if distinct.counted.isEmpty {
                .unusable
            } else if isAllBenign && unqualifiedCount == 0 {
                .benign
            } else {
                .undecided
            }
        self.kind = kind
        isUnqualifiedBenign = kind == .undecided && isAllBenign
    }
}

/// Distinct fields under the rule.
private struct RuledFields {
    /// Nil where it does not hold for all answers.
    let rule: VerdictRule?
    let isUrgent: Bool
    /// Whether the cells of all fields together speak against “benign”.
    let isContradicted: Bool

    init(_ fields: [CaseField], waiting: Int, rule: VerdictRule?) {
        let holds = fields.allSatisfy { $0.facts?.model == rule?.model }
        self.rule = holds ? rule : nil
        let reported = fields.count { $0.finding.reported?.isMalignant == true }
        let cells = fields.compactMap { $0.facts?.cells }
        let isCalled =
            self.rule?.isUrgent(reported: reported, of: fields.count + waiting, cells: cells) ?? (reported > 0)
        isUrgent = isCalled || fields.contains(where: \.isSignedMalignant)
        isContradicted = self.rule?.cells?.speaks(cells) ?? false
    }
}

extension CaseSummary {
    /// What the images of the case say together.
    public var verdict: CaseVerdict { verdict(of: fields, readings) }

    /// What the case comes to.
    public var conclusion: CaseConclusion {
        CaseConclusion(
            verdict: verdict, network: verdict(of: fields.map(\.ofNetwork), CaseReadings()), readings: wholeReadings,
            images: images)
    }

    private func verdict(of fields: [CaseField], _ readings: CaseReadings) -> CaseVerdict {
        CaseVerdict(
            fields: fields, overlaps: overlaps, rule: rule, readings: readings, pendingCount: pendingCount,
            failedCount: failedCount)
    }
}
