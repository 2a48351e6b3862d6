import Foundation

public typealias ReportLinkID = Identifier<ReportLink>

/// A link by which whoever has it opens the report of a case, until it ends.
public struct ReportLink: Sendable, Equatable {
    public let id: ReportLinkID
    public let caseID: CaseID
    /// SHA-256 of the secret; the secret itself is nowhere.
    public let digest: String
    public let createdAt: Date
    public let expiresAt: Date
    /// When its owner took it back; nil where nobody did.
    public let revokedAt: Date?
    /// How often the report was opened by it.
    public let openings: Int
    /// When that was last; nil before the first time.
    public let lastOpenedAt: Date?

    public init(
        id: ReportLinkID = ReportLinkID(), caseID: CaseID, digest: String, createdAt: Date, expiresAt: Date,
        revokedAt: Date? = nil, openings: Int = 0, lastOpenedAt: Date? = nil
    ) {
        (self.id, self.caseID, self.digest, self.createdAt) = (id, caseID, digest, createdAt)
        (self.expiresAt, self.revokedAt, self.openings) = (expiresAt, revokedAt, openings)
        self.lastOpenedAt = lastOpenedAt
    }

    /// Whether it still opens the report.
    public func isOpen(at now: Date) -> Bool { revokedAt == nil && now < expiresAt }
}

/// Links to reports.
public protocol ReportLinkRows {
    func insert(_ link: ReportLink) throws
    func reportLink(digest: String) throws -> ReportLink?
    /// Those that still open the report before the others, so that they can be taken back; of both the newest first.
    func reportLinks(of smearCase: CaseID, now: Date, limit: Int) throws -> [ReportLink]
    /// Those that still open the report.
    func countOpenReportLinks(of smearCase: CaseID, now: Date) throws -> Int
    /// Those of all cases that still open the report, the oldest first.
    func openReportLinks(now: Date) throws -> [ReportLink]
    /// Counts that the report was opened, unless the link was taken back meanwhile.
    ///
    /// - Returns: Whether it was counted.
    func countOpening(_ id: ReportLinkID, at: Date) throws -> Bool
    /// Takes a link back, once.
    ///
    /// - Returns: Whether it was there and not taken back before.
    func revokeReportLink(_ id: ReportLinkID, of smearCase: CaseID, at: Date) throws -> Bool
}
