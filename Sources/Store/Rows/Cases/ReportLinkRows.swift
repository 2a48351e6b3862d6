import Clinic
import Foundation

extension SQLTransaction {
    static let reportLinks = SQLTable<ReportLink>(
        "report_links", "id case_id digest created_at expires_at revoked_at openings last_opened_at"
    ) { row in
        try ReportLink(
            id: row["id"], caseID: row["case_id"], digest: row["digest"], createdAt: row["created_at"],
            expiresAt: row["expires_at"], revokedAt: row["revoked_at"], openings: row["openings"],
            lastOpenedAt: row["last_opened_at"])
    }

    func insert(_ link: ReportLink) throws {
        try connection.execute(
            "INSERT INTO report_links (\(Self.reportLinks.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", link.id.text,
            link.caseID.text, link.digest, link.createdAt, link.expiresAt, link.revokedAt, link.openings,
            link.lastOpenedAt)
    }

    func reportLink(digest: String) throws -> ReportLink? {
        try connection.one(Self.reportLinks, "WHERE digest = ?", digest)
    }

    func reportLinks(of smearCase: CaseID, now: Date, limit: Int) throws -> [ReportLink] {
        try connection.all(
            Self.reportLinks,
            """
            WHERE case_id = ? ORDER BY CASE WHEN revoked_at IS NULL AND expires_at > ? THEN 0 ELSE 1 END, \
            created_at DESC, id DESC LIMIT ?
            """, smearCase.text, now, limit)
    }

    func countOpenReportLinks(of smearCase: CaseID, now: Date) throws -> Int {
        try connection.number(
            "SELECT COUNT(*) FROM report_links WHERE case_id = ? AND revoked_at IS NULL AND expires_at > ?",
            smearCase.text, now)
    }

    func openReportLinks(now: Date) throws -> [ReportLink] {
        try connection.all(
            Self.reportLinks, "WHERE revoked_at IS NULL AND expires_at > ? ORDER BY created_at, id", now)
    }

    func countOpening(_ id: ReportLinkID, at: Date) throws -> Bool {
        try connection.execute(
            """
            UPDATE report_links SET openings = openings + 1, last_opened_at = ? \
            WHERE id = ? AND revoked_at IS NULL AND expires_at > ?
            """, at, id.text, at) == 1
    }

    func revokeReportLink(_ id: ReportLinkID, of smearCase: CaseID, at: Date) throws -> Bool {
        try connection.execute(
            "UPDATE report_links SET revoked_at = ? WHERE id = ? AND case_id = ? AND revoked_at IS NULL", at, id.text,
            smearCase.text) == 1
    }
}
