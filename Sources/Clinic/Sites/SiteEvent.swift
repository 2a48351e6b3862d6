import Foundation

/// A change of a site, or of how sites are changed: what the page *Change control* lists in the order of time.
public struct SiteEvent: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case created, changed
        /// Control fields came.
        case controls
        case qualified
        /// A qualification that did not reach its limits.
        case refused
        case suspended
        /// A control slide was read rightly again.
        case check
        /// The plan was written or changed.
        case plan
    }

    /// Nil for what concerns all sites.
    public let siteID: SiteID?
    public let kind: Kind
    public let at: Date
    /// Nil for the watch and the command line.
    public let userID: UserID?
    /// What its sentence needs.
    public let facts: [String: String]

    public init(_ kind: Kind, of siteID: SiteID?, at: Date, by userID: UserID?, facts: [String: String] = [:]) {
        (self.siteID, self.kind, self.at) = (siteID, kind, at)
        (self.userID, self.facts) = (userID, facts)
    }
}

/// How a laboratory means to change models and microscopes before it does, in the form of a predetermined change control
/// plan (FDA, "Marketing Submission Recommendations for a Predetermined Change Control Plan for Artificial
/// Intelligence-Enabled Device Software Functions", 2024, section VI: description of modifications, modification protocol,
/// impact assessment).
public struct ChangePlan: Sendable, Equatable {
    /// What may change.
    public var modifications: String
    /// How a change is verified, and what it must show.
    public var changeProtocol: String
    /// What a change may do to people, and what is done against that.
    public var impact: String
    /// 1, 2, 3 …
    public let revision: Int
    public let at: Date
    public let userID: UserID?

    /// Characters of each part.
    public static let maximumText = 8000

    public init(
        modifications: String, changeProtocol: String, impact: String, revision: Int, at: Date, userID: UserID?
    ) {
        (self.modifications, self.changeProtocol, self.impact) = (modifications, changeProtocol, impact)
        (self.revision, self.at, self.userID) = (revision, at, userID)
    }
}
