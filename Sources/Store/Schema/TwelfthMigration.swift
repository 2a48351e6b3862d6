import Clinic
import Foundation

extension Migration {
    /// How long things are kept: when cases and accounts were last used, who was told that something goes, where the audit log
    /// begins, and the record of breaches and requests. What is there already counts as used today.
    static let twelfth = Migration(
        number: 12, tables: [retentionAnnouncements, retentionWatch, auditBase, privacyRecords],
        statements: [
            """
            INSERT INTO audit_base (id, sequence, hash, seal) SELECT 1, 0, '', '' FROM (SELECT 1 AS one) AS source \
            WHERE NOT EXISTS (SELECT 1 FROM audit_base)
            """
        ],
        work: { connection, _ in
            let now = Date()
            for table in ["users", "cases"] {
                try add("used_at {int}", to: table, on: connection)
                try connection.execute("UPDATE \(table) SET used_at = ? WHERE used_at IS NULL", now)
                try addIndex("\(table)_used", "used_at, id", of: table, on: connection)
            }
        })

    private static let retentionAnnouncements = TableDefinition(
        "retention_announcements",
        [
            "object_id {id} NOT NULL PRIMARY KEY", "kind {name} NOT NULL", "user_id {id} NOT NULL",
            "used_at {int} NOT NULL", "notice_id {id} NOT NULL", "announced_at {int} NOT NULL", "due_at {int} NOT NULL",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("retention_announcements_due", "due_at, object_id"), ("retention_announcements_user", "user_id")])

    private static let retentionWatch = TableDefinition(
        "retention_watch",
        ["id {int} NOT NULL PRIMARY KEY", "last_at {int} NOT NULL", "steady_since {int} NOT NULL"])

    /// The last entry of the audit log that was removed because of its age.
    private static let auditBase = TableDefinition(
        "audit_base",
        [
            "id {int} NOT NULL PRIMARY KEY", "sequence {int} NOT NULL", "hash {name} NOT NULL", "seal {name} NOT NULL",
        ])

    private static let privacyRecords = TableDefinition(
        "privacy_records",
        [
            "id {id} NOT NULL PRIMARY KEY", "kind {name} NOT NULL", "known_at {int} NOT NULL", "note {text} NOT NULL",
            "recorded_at {int} NOT NULL", "settled_at {int}", "settlement {text} NOT NULL",
        ],
        indexes: [("privacy_records_known", "known_at, id")])
}
