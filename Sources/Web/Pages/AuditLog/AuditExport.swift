import Clinic
import Formats
import Foundation

/// Writes entries of the audit log for other programs.
enum AuditExport: String, Sendable {
    /// One JSON object a line.
    case jsonl
    /// RFC 4180, with a head.
    case csv

    static let pageSize = 1000

    var contentType: String { self == .csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8" }

    /// What stands before the first entry.
    var head: String {
        self == .csv
            ? CSV.line(["sequence", "at", "actor", "user", "token", "action", "object", "detail", "hash"]) : ""
    }

    private struct Line: Encodable {
        let sequence: Int64
        let at: String
        let actor: String
        let user: String?
        let token: String?
        let action: String
        let object: String
        let detail: String
        let hash: String
    }

    /// An entry as one line.
    ///
    /// - Throws: `EncodingError`.
    func line(_ record: AuditRecord) throws -> String {
        let entry = record.entry
        let (kind, user, token) = (entry.actor.kind, entry.actor.userID?.text, entry.actor.tokenID?.text)
        let at = APIAnswer.moment(entry.at)
        guard self == .csv else {
            let line = Line(
                sequence: record.sequence, at: at, actor: kind, user: user, token: token, action: entry.action.name,
                object: entry.object, detail: entry.detail, hash: record.hash)
            return try JSONFormat.line.text(line) + "\n"
        }
        let fields = [
            String(record.sequence), at, kind, user ?? "", token ?? "", entry.action.name, entry.object, entry.detail,
            record.hash,
        ]
        return CSV.line(fields.map(CSV.plain))
    }
}
