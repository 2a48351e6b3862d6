import Clinic
import Foundation

/// Which part of the audit log to show, as the form and the addresses write it.
struct AuditQuery: Sendable {
    static let pageSize = 100

    /// An e-mail address, or an account's identifier.
    let person: String
    let action: String
    let object: String
    /// `2026-11-24`, the first and the last day in UTC; empty for no bound.
    let from: String
    let to: String
    let before: Int64?

    init(_ fields: FormFields) {
        let text = { (name: String) in String(fields.trimmed(name).prefix(254)) }
        person = text("person")
        action = text("action")
        object = text("object")
        from = text("from")
        to = text("to")
        before = fields["before"].flatMap { Int64($0) }
    }

    /// The filter, but for the person.
    ///
    /// - Throws: `ClinicError.invalid` with field `from` or `to` for a day that is none.
    var filter: AuditFilter {
        get throws {
            AuditFilter(
                action: action.isEmpty ? nil : action, object: object.isEmpty ? nil : object,
                since: try Self.day(from, "from"), until: try Self.day(to, "to")?.addingTimeInterval(86_400))
        }
    }

    private static func day(_ text: String, _ field: String) throws -> Date? {
        if text.isEmpty { return nil }
        guard text.utf8.count == 10, let day = try? Date(text, strategy: .iso8601.year().month().day()) else {
            throw ClinicError(.invalid, "errors.audit.days", field: field)
        }
        return day
    }

    /// The same part at another address.
    func address(_ path: String, before: Int64? = nil, more: [String] = []) -> String {
        let fields = [("person", person), ("action", action), ("object", object), ("from", from), ("to", to)]
        var parts = fields.filter { !$0.1.isEmpty }.map { "\($0.0)=\($0.1.asQueryValue)" }
        if let before { parts.append("before=\(before)") }
        return AdminAddress.join(path, parts + more)
    }

    /// What is exported, for the log itself; without the person's address.
    var summary: String {
        [("action", action), ("object", object), ("from", from), ("to", to)].filter { !$0.1.isEmpty }
            .map { "\($0.0)=\($0.1)" }.joined(separator: " ")
    }
}
