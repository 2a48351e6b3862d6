import Foundation

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
