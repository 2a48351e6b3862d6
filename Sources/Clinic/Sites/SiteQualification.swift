import Findings
import Foundation

/// What control fields have shown of a model on a microscope, on a day.
public struct SiteQualification: Sendable, Equatable {
    public let id: QualificationID
    public let siteID: SiteID
    public let at: Date
    public let model: ScreeningOutcome.Model
    public let figures: QualificationFigures
    /// Nil for the command line.
    public let userID: UserID?

    public init(
        id: QualificationID = QualificationID(), siteID: SiteID, at: Date, model: ScreeningOutcome.Model,
        figures: QualificationFigures, userID: UserID?
    ) {
        (self.id, self.siteID, self.at, self.model) = (id, siteID, at, model)
        (self.figures, self.userID) = (figures, userID)
    }

    public var isPassed: Bool { figures.isPassed }
}

/// The figures of a qualification, each with its limit.
///
/// Passing asks for all of them at once. Each alone is wrong in at most 5 %, and so is all of them together: what is refused
/// wherever one part is refused needs no correction for the number of parts (Berger, "Multiparameter hypothesis testing and
/// acceptance sampling", Technometrics 24 (1982), the intersection–union test).
public struct QualificationFigures: Sendable, Equatable, Codable {
    /// A share, as a mean over people.
    public struct Share: Sendable, Equatable, Codable {
        /// People that it rests on.
        public let people: Int
        /// Fields of theirs.
        public let fields: Int
        /// 0 to 1.
        public let value: Double
        /// With 95 % confidence it lies beyond this: above for sensitivity and specificity, below for wrong reports.
        public let limit: Double
        /// What the limit must reach.
        public let required: Double
        /// People more that would do, if the share stays what it is; 0 where it is reached, nil where no number would do.
        public let morePeople: Int?

        public var isReached: Bool { morePeople == 0 }
    }

    /// Of fields with leukaemia, the share that is reported as a malignant class; nil without any.
    public let sensitivity: Share?
    /// Of fields without, the share that is reported benign; nil without any.
    public let specificity: Share?
    /// Fields with leukaemia that are reported benign.
    public let missed: Share?
    /// Fields without that are reported as a malignant class.
    public let falseAlarms: Share?

    /// - Parameters:
    ///   - fields: Of one site, answered by one model; repeated control slides do not count.
    ///   - limits: Those of the site.
    public init(_ fields: [ControlField], limits: SiteLimits) {
        let counted = fields.filter { $0.purpose == .qualification }
        let (ill, well) = (counted.filter(\.label.isMalignant), counted.filter { !$0.label.isMalignant })
        sensitivity = Share(of: ill, rightAbove: limits.sensitivity)
        specificity = Share(of: well, rightAbove: limits.specificity)
        missed = Share(of: ill, wrongBelow: limits.wrongReports)
        falseAlarms = Share(of: well, wrongBelow: limits.wrongReports)
    }

    /// All four, in their order.
    public var shares: [Share?] { [sensitivity, specificity, missed, falseAlarms] }

    /// Whether people with and without leukaemia show that all limits are reached.
    public var isPassed: Bool { shares.allSatisfy { $0?.isReached == true } }

    /// Whether there were fields of one kind only: then what they show is stated, and no more.
    public var isOneSided: Bool { (sensitivity == nil) != (specificity == nil) }

    /// People of a kind that are still needed; nil where no number would do.
    public func morePeople(withLeukaemia: Bool, limits: SiteLimits) -> Int? {
        let shares = withLeukaemia ? [sensitivity, missed] : [specificity, falseAlarms]
        let more = shares.map { share -> Int? in
            guard let share else { return limits.peopleNeeded(withLeukaemia: withLeukaemia) }
            return share.morePeople
        }
        return more.contains { $0 == nil } ? nil : more.compactMap { $0 }.max()
    }
}

extension QualificationFigures.Share {
    init?(of fields: [ControlField], rightAbove required: Double) {
        self.init(of: fields, errors: { $0.isRight ? 0 : 1 }, allowed: 1 - required, isTurned: true)
    }

    init?(of fields: [ControlField], wrongBelow required: Double) {
        self.init(of: fields, errors: { $0.isWrong ? 1 : 0 }, allowed: required, isTurned: false)
    }

    /// - Parameters:
    ///   - errors: 1 for a field that counts against it, else 0.
    ///   - allowed: What the share of errors must be below.
    ///   - isTurned: Whether the share of the others is told.
    private init?(
        of fields: [ControlField], errors: (ControlField) -> Double, allowed: Double, isTurned: Bool
    ) {
        guard !fields.isEmpty else { return nil }
        let people = Dictionary(grouping: fields, by: \.person).values.map { own in
            own.reduce(0) { $0 + errors($1) } / Double(own.count)
        }
        let mean = people.reduce(0, +) / Double(people.count)
        let upper = ShareBound.upper(mean: mean, units: people.count)
        let isReached = upper <= allowed
        // A sum of shares is rounded up to whole errors, so that a few people more can be worse than none.
        let needed = ShareBound.unitsNeeded(mean: mean, below: allowed).map { max($0 - people.count, 1) }
        self.init(
            people: people.count, fields: fields.count, value: isTurned ? 1 - mean : mean,
            limit: isTurned ? 1 - upper : upper, required: isTurned ? 1 - allowed : allowed,
            morePeople: isReached ? 0 : needed)
    }
}
