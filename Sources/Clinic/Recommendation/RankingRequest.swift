import Findings
import Foundation

/// What somebody needs a doctor for, where, and what the doctor must offer.
public struct RecommendationRequest: Sendable, Equatable {
    /// What a doctor is needed for: what a screening found, or nothing in particular.
    public enum Need: String, Sendable, CaseIterable {
        /// A malignant class was reported.
        case malignant
        /// More than one class remained possible.
        case uncertain
        /// Reported benign.
        case benign
        /// The image was declined.
        case rejected
        /// No screening is meant.
        case none
    }

    /// Where the person is.
    public var origin: GeoPosition
    public var need: Need
    /// Whether the doctor is for a child; told by the person, never guessed.
    public var isChild: Bool
    /// Languages that the person would like (ISO 639-1, lower case); a doctor who speaks one ranks higher. Empty: any.
    public var languages: [String]
    /// Only doctors of this specialty.
    public var specialty: Specialty?
    /// Only doctors who speak this language (ISO 639-1, lower case).
    public var language: String?
    /// Only doctors whose next free slot is before this.
    public var freeBefore: Date?
    /// Only doctors within so many kilometres, more than 0; nil widens the search until enough are found.
    public var radius: Double?
    public var now: Date

    public init(
        origin: GeoPosition, need: Need = .none, isChild: Bool = false, languages: [String] = [],
        specialty: Specialty? = nil, language: String? = nil, freeBefore: Date? = nil, radius: Double? = nil, now: Date
    ) {
        (self.origin, self.need, self.isChild) = (origin, need, isChild)
        (self.languages, self.specialty, self.language) = (languages, specialty, language)
        (self.freeBefore, self.radius, self.now) = (freeBefore, radius, now)
    }
}

extension RecommendationRequest.Need {
    /// What a screening's answer asks for.
    public init(_ finding: Finding) {
        self =
            switch finding.decision {
            case .report: finding.label.isMalignant ? .malignant : .benign
            case .uncertain: .uncertain
            case .rejected: .rejected
            }
    }

    /// What an image asks for, a doctor's reading before the network's answer.
    public init(_ finding: Finding, read readings: [Reading]) {
        let reading = finding.leading(readings.counting)
        self = reading?.label.isMalignant == true ? .malignant : Self(finding.led(by: readings))
    }

    /// What a case asks for; nil as long as its images say nothing. Images read as benign on a microscope that is not
    /// qualified ask for what a benign case does, which is no all-clear either.
    public init?(_ conclusion: CaseConclusion) {
        let isBenign = conclusion.leading == nil && conclusion.verdict.isUnqualifiedBenign
        self.init(isBenign ? .benign : conclusion.kind)
    }

    /// What the images of a case ask for together; nil as long as they say nothing.
    public init?(_ verdict: CaseVerdict.Kind) {
        switch verdict {
        case .empty, .waiting: return nil
        case .urgent: self = .malignant
        case .benign: self = .benign
        case .undecided: self = .uncertain
        case .unusable: self = .rejected
        }
    }
}

/// Which doctors the ranking wants to look at; every condition must hold.
public struct CandidateQuery: Sendable, Equatable {
    /// Within this.
    public var circle: GeoCircle
    /// Any of the doctor's specialties is among these; nil for all.
    public var specialties: Set<Specialty>?
    /// The doctor speaks it (ISO 639-1, lower case); nil for all.
    public var language: String?
    /// Has a next free slot from here on …
    public var freeFrom: Date?
    /// … and before this; looked at only with `freeFrom`. Nil in both: doctors without a slot too.
    public var freeBefore: Date?

    public init(
        circle: GeoCircle, specialties: Set<Specialty>? = nil, language: String? = nil, freeFrom: Date? = nil,
        freeBefore: Date? = nil
    ) {
        (self.circle, self.specialties, self.language) = (circle, specialties, language)
        (self.freeFrom, self.freeBefore) = (freeFrom, freeBefore)
    }
}
