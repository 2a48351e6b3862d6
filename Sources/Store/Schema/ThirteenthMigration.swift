import Clinic

extension Migration {
    /// Of a visit: the patient's telephone number with who may use it, and where both meet by video. And links to
    /// reports, and messages that wait for their gateway.
    static let thirteenth = Migration(
        number: 13, tables: [reportLinks, visitMessages], statements: [],
        work: { connection, _ in
            for line in ["phone {word}", "phone_for_doctor {int}", "phone_for_messages {int}", "video_address {text}"] {
                try add(line, to: "appointments", on: connection)
            }
        })

    private static let visitMessages = TableDefinition(
        "visit_messages",
        [
            "id {id} NOT NULL PRIMARY KEY", "appointment_id {id} NOT NULL", "kind {name} NOT NULL",
            "sequence {int} NOT NULL", "created_at {int} NOT NULL", "attempts {int} NOT NULL", "due_at {int}",
            "ended_at {int}", "CONSTRAINT visit_messages_once UNIQUE (appointment_id, kind, sequence)",
            "FOREIGN KEY (appointment_id) REFERENCES appointments (id) ON DELETE CASCADE",
        ],
        indexes: [("visit_messages_due", "due_at")])

    private static let reportLinks = TableDefinition(
        "report_links",
        [
            "id {id} NOT NULL PRIMARY KEY", "case_id {id} NOT NULL", "digest {digest} NOT NULL",
            "created_at {int} NOT NULL", "expires_at {int} NOT NULL", "revoked_at {int}", "openings {int} NOT NULL",
            "last_opened_at {int}", "CONSTRAINT report_links_digest UNIQUE (digest)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [("report_links_case", "case_id, created_at, id")])
}
