import Findings
import Foundation

/// Where an image was made, as far as that is proven, and whether its answer was given by a qualified microscope.
public struct ScreeningOrigin: Sendable, Equatable {
    /// Nil where nobody who may say so did.
    public var siteID: SiteID?
    /// The qualification under which the answer was given; nil for an answer that no qualification covers.
    public var qualificationID: QualificationID?
    /// When the answer was marked anew, because its microscope was suspended; nil for all others.
    public var doubtedAt: Date?

    public init(siteID: SiteID? = nil, qualificationID: QualificationID? = nil, doubtedAt: Date? = nil) {
        (self.siteID, self.qualificationID, self.doubtedAt) = (siteID, qualificationID, doubtedAt)
    }

    public static let unknown = ScreeningOrigin()

    /// Whether the answer may reassure anybody.
    public var isQualified: Bool { siteID != nil && qualificationID != nil && doubtedAt == nil }
}

/// What is said of the microscope beside an answer.
public struct SiteStanding: Sendable, Equatable {
    public enum Qualification: String, Sendable, Codable, CaseIterable { case unqualified, qualified, suspended }

    /// Nil where the microscope is not known.
    public let siteID: SiteID?
    public let name: String?
    public let qualification: Qualification
    /// Whether the answer was marked anew.
    public let isDoubted: Bool

    public init(siteID: SiteID?, name: String?, qualification: Qualification, isDoubted: Bool = false) {
        (self.siteID, self.name, self.qualification) = (siteID, name, qualification)
        self.isDoubted = isDoubted
    }

    /// Of an answer as it stands in a row.
    ///
    /// - Parameter site: The site of the origin; nil where there is none.
    public init(_ origin: ScreeningOrigin, of site: SmearSite?) {
        guard let site, origin.siteID == site.id else {
            self = .unknown
            return
        }
        let isDoubted = origin.doubtedAt != nil
        let qualification: Qualification =
            if origin.isQualified { .qualified } else {
                isDoubted || site.state == .suspended ? .suspended : .unqualified
            }
        self.init(siteID: site.id, name: site.name, qualification: qualification, isDoubted: isDoubted)
    }

    /// Of an answer that is given now and not kept.
    public init(_ outcome: ScreeningOutcome, at site: SmearSite, _ qualification: SiteQualification?) {
        let covers = site.covers(outcome, under: qualification)
        self.init(
            siteID: site.id, name: site.name,
            qualification: covers ? .qualified : site.state == .suspended ? .suspended : .unqualified)
    }

    public static let unknown = SiteStanding(siteID: nil, name: nil, qualification: .unqualified)

    public var isQualified: Bool { qualification == .qualified }
}

extension SmearSite {
    /// Whether an answer that is given now is one of the kind that was qualified: by that model and version, of an image that
    /// the model knows, and at the scale of the site where it has one and the model asks.
    ///
    /// - Parameter qualification: The site's own.
    public func covers(_ outcome: ScreeningOutcome, under qualification: SiteQualification?) -> Bool {
        guard state == .qualified, let qualification, qualification.id == qualificationID else { return false }
        let isAtScale =
            optics.micrometresPerPixel == nil || outcome.cells.map { $0.scale.source == .site } ?? true
        return qualification.model == outcome.model && outcome.isFamiliar && isAtScale
    }
}
