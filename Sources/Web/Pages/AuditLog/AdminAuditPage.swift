import Clinic
import Foundation
import Wording

/// A part of the audit log.
struct AdminAuditPage: Sendable {
    struct Row: Sendable {
        let sequence: String
        let at: PageTime
        let actor: String
        let actorAddress: String?
        let action: String
        let object: String
        /// What else was done to it; nil where the entry is about nothing stored.
        let objectAddress: String?
        let detail: String
        /// The other entries of the same act, folded.
        var others: [Row] = []
        var folded: String?
    }

    struct Field: Sendable {
        let name: String
        let label: String
        let value: String
        let type: String
        let hint: String?
    }

    struct Proof: Sendable {
        let words: String
        let isBroken: Bool
    }

    let admin: AdminPage
    let frame: PageFrame
    let fields: [Field]
    let rows: [Row]
    let older: String?
    let newest: String?
    let csv: String
    let jsonl: String
    let proof: Proof?

    /// - Parameters:
    ///   - records: One more than a page where there are older ones.
    ///   - people: E-mail addresses of those who acted.
    ///   - proof: What the walk along the whole log found, where it was asked for.
    init(
        _ records: [AuditRecord], people: [UserID: String], query: AuditQuery, proof: AuditProof? = nil,
        alert: String? = nil, site: Site, context: WebContext
    ) {
        let text = site.text
        admin = AdminPage(.audit, site: site, context: context, alert: alert)
        frame = admin.frame
        fields = [
            ("person", query.person, "text"), ("action", query.action, "text"), ("object", query.object, "text"),
            ("from", query.from, "date"), ("to", query.to, "date"),
        ].map {
            Field(
                name: $0.0, label: text("admin.audit.fields.\($0.0)"), value: $0.1, type: $0.2,
                hint: text.find("admin.audit.hints.\($0.0)"))
        }
        let shown = records.prefix(AuditQuery.pageSize)
        rows = AuditGroup.groups(of: Array(shown)).map { group in
            var row = Self.row(group.head, people, text)
            row.others = group.others.map { Self.row($0, people, text) }
            row.folded =
                group.others.isEmpty ? nil : text.counted("admin.audit.folded", group.others.count)
            return row
        }
        older =
            records.count > AuditQuery.pageSize
            ? shown.last.map { query.address("/admin/audit", before: $0.sequence) } : nil
        newest = query.before == nil ? nil : query.address("/admin/audit")
        csv = query.address("/admin/audit/export", more: ["format=csv"])
        jsonl = query.address("/admin/audit/export", more: ["format=jsonl"])
        self.proof = proof.map { proof in
            let isBroken = proof.brokenAt != nil
            let words =
                proof.brokenAt.map {
                    text("admin.audit.broken", ["sequence": String($0), "reason": proof.reason])
                } ?? text("admin.audit.holds", ["count": text.number(Int(proof.entries))])
            return Proof(words: words, isBroken: isBroken)
        }
    }

    private static func row(_ record: AuditRecord, _ people: [UserID: String], _ text: TextCatalogue) -> Row {
        let entry = record.entry
        let person = entry.actor.userID.map { people[$0] ?? text("admin.audit.gone") }
        let actor =
            switch entry.actor {
            case .user: person ?? ""
            case .token: text("admin.audit.byToken", ["person": person ?? ""])
            case .system, .anonymous: text("admin.audit.\(entry.actor.kind)")
            }
        let address = entry.actor.userID.map { "/admin/audit?person=\($0)" }
        return Row(
            sequence: String(record.sequence), at: PageTime(entry.at), actor: actor, actorAddress: address,
            action: entry.action.name, object: entry.object,
            objectAddress: entry.object.isEmpty ? nil : "/admin/audit?object=\(entry.object.asQueryValue)",
            detail: entry.detail)
    }
}
