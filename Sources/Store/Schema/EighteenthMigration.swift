import Clinic

extension Migration {
    /// People in somebody's care, whose of them a case is, and what people answered to which notice. And forms that wait for
    /// their senders to log in again.
    static let eighteenth = Migration(
        number: 18, tables: [dependents, consentTexts, consents, keptForms], statements: [],
        work: { connection, _ in
            try add("dependent_id {id}", to: "cases", on: connection)
            try addIndex("cases_dependent", "dependent_id, created_at, id", of: "cases", on: connection)
        })

    private static let dependents = TableDefinition(
        "dependents",
        [
            "id {id} NOT NULL PRIMARY KEY", "guardian_id {id} NOT NULL", "name {line} NOT NULL", "birth_year {int}",
            "birth_month {int}", "age_years {int}", "age_told_at {int} NOT NULL", "sex {name}",
            "created_at {int} NOT NULL", "updated_at {int} NOT NULL",
            "FOREIGN KEY (guardian_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("dependents_guardian", "guardian_id, created_at, id")])

    private static let keptForms = TableDefinition(
        "kept_forms",
        [
            "id {id} NOT NULL PRIMARY KEY", "user_id {id} NOT NULL", "sealed {text} NOT NULL",
            "created_at {int} NOT NULL", "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("kept_forms_created", "created_at"), ("kept_forms_user", "user_id, created_at, id")])

    /// Each text that somebody answered to, once.
    private static let consentTexts = TableDefinition(
        "consent_texts",
        ["digest {digest} NOT NULL PRIMARY KEY", "language {name} NOT NULL", "words {text} NOT NULL"])

    /// No reference to the person in care: what was answered stays when they go, until the account does. `sequence` is the
    /// order of one account's answers.
    private static let consents = TableDefinition(
        "consents",
        [
            "id {id} NOT NULL PRIMARY KEY", "user_id {id} NOT NULL", "sequence {int} NOT NULL", "dependent_id {id}",
            "answer {name} NOT NULL", "notice {name} NOT NULL", "text_digest {digest} NOT NULL", "at {int} NOT NULL",
            "CONSTRAINT consents_order UNIQUE (user_id, sequence)",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
            "FOREIGN KEY (text_digest) REFERENCES consent_texts (digest)",
        ],
        indexes: [("consents_last", "user_id, dependent_id, sequence"), ("consents_text", "text_digest")])
}
