import Findings
import Foundation

/// Lets a person give the report of a case away by a link, and take that back.
public struct ReportLinks: Sendable {
    /// Days that a link may last, and how many it lasts where nobody says.
    public static let days = 1...30
    public static let defaultDays = 7
    /// Links of one case that open its report at the same time.
    public static let maximumOpen = 20
    /// Links that a page lists.
    public static let maximumListed = 50

    let database: any ClinicDatabase
    let rule: VerdictRule?
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Where cases and links are.
    ///   - rule: That of the model in use, for the verdict in the report.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, rule: VerdictRule?, clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.rule, self.clock) = (database, rule, clock)
    }

    /// Makes a link.
    ///
    /// - Returns: The link, and its secret, which is told this once.
    /// - Throws: `ClinicError.notFound` for anybody but the owner; `.invalid` with field `days`; `.quotaExceeded` with field
    ///   `days` where the case has as many as it may.
    public func make(
        for id: CaseID, days: Int, by owner: Principal
    ) async throws -> (link: ReportLink, secret: SecretToken) {
        guard Self.days.contains(days) else {
            throw ClinicError(
                .invalid, "errors.links.days",
                ["minimum": Self.days.lowerBound, "maximum": Self.days.upperBound], field: "days")
        }
        let (now, secret) = (clock(), SecretToken())
        let link = ReportLink(
            caseID: id, digest: secret.digest, createdAt: now,
            expiresAt: now.addingTimeInterval(Double(days) * 86_400))
        try await database.write { transaction in
            _ = try CaseAccess.owned(id, by: owner.user, in: transaction)
            try transaction.append(
                AuditEntry(
                    .smearCase(.link), by: owner.actor, object: id.text, detail: "link=\(link.id) days=\(days)", at: now
                ))
            // Holds the log from here on, so that two requests at the same time are counted one after the other.
            _ = try transaction.auditHead()
            guard try transaction.countOpenReportLinks(of: id, now: now) < Self.maximumOpen else {
                throw ClinicError(.quotaExceeded, "errors.links.tooMany", ["count": Self.maximumOpen], field: "days")
            }
            try transaction.insert(link)
        }
        return (link, secret)
    }

    /// The links of a case: those that still open its report, then the others, each the newest first.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but the owner.
    public func links(of id: CaseID, by owner: Principal) async throws -> [ReportLink] {
        let now = clock()
        return try await database.read { transaction in
            _ = try CaseAccess.owned(id, by: owner.user, in: transaction)
            return try transaction.reportLinks(of: id, now: now, limit: Self.maximumListed)
        }
    }

    /// Takes a link back: from now on it opens nothing.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but the owner, and for a link that was taken back before.
    public func revoke(_ link: ReportLinkID, of id: CaseID, by owner: Principal) async throws {
        let now = clock()
        try await database.write { transaction in
            _ = try CaseAccess.owned(id, by: owner.user, in: transaction)
            guard try transaction.revokeReportLink(link, of: id, at: now) else { throw CaseAccess.missing }
            try transaction.append(
                AuditEntry(.smearCase(.unlink), by: owner.actor, object: id.text, detail: "link=\(link)", at: now))
        }
    }

    /// After a backup was put back no link opens anything: a backup does not know what was taken back since.
    public static func lapse(at now: Date, in transaction: any ReportLinkRows & AuditRows) throws {
        for link in try transaction.openReportLinks(now: now)
        where try transaction.revokeReportLink(link.id, of: link.caseID, at: now) {
            try transaction.append(
                AuditEntry(
                    .smearCase(.unlink), by: .system, object: link.caseID.text, detail: "link=\(link.id)", at: now))
        }
    }

    /// Until when a link opens its report.
    ///
    /// - Throws: `ClinicError.notFound` for one that opens nothing, whatever the reason.
    public func end(of secret: SecretToken) async throws -> Date {
        let now = clock()
        return try await database.read { try Self.found(secret, now: now, in: $0).link.expiresAt }
    }

    /// What a link opens; counted, and written into the log.
    ///
    /// - Parameter reader: Whoever is logged in where it is opened: a clinician's look is theirs.
    /// - Throws: As `end`; `ClinicError.hidden` for a clinician who hid the answers of this case.
    public func open(
        _ secret: SecretToken, by reader: Principal? = nil
    ) async throws -> (contents: CaseContents, owner: User) {
        let now = clock()
        let clinician = reader?.role == .clinician ? reader : nil
        return try await database.write { [rule] transaction in
            let (link, smearCase, owner) = try Self.found(secret, now: now, in: transaction)
            if let clinician, clinician.userID != smearCase.ownerID {
                for share in try transaction.shares(ofCase: smearCase.id) where share.userID == clinician.userID {
                    guard let screening = try transaction.screening(share.screeningID) else { continue }
                    try BlindReading.requireShown(screening, to: clinician.userID, in: transaction)
                }
            }
            guard try transaction.countOpening(link.id, at: now) else { throw ended }
            // What anybody opens is in use.
            try transaction.noteUse(of: smearCase.id, at: now)
            try transaction.append(
                AuditEntry(
                    .smearCase(.openLink), by: clinician?.actor ?? .anonymous, object: smearCase.id.text,
                    detail: "link=\(link.id)", at: now))
            return (try CaseContents(smearCase, in: transaction).ruled(by: rule), owner)
        }
    }

    private static func found(
        _ secret: SecretToken, now: Date, in transaction: any ReportLinkRows & CaseRows & UserRows
    ) throws -> (link: ReportLink, smearCase: SmearCase, owner: User) {
        guard let link = try transaction.reportLink(digest: secret.digest), link.isOpen(at: now),
            let smearCase = try transaction.smearCase(link.caseID),
            let owner = try transaction.user(smearCase.ownerID), !owner.isDisabled
        else { throw ended }
        return (link, smearCase, owner)
    }

    /// The same for a link that ended, one that was taken back and one that never was.
    private static var ended: ClinicError { ClinicError(.notFound, "errors.links.ended") }
    private var ended: ClinicError { Self.ended }
}
