import Clinic

extension Migration {
    /// Readings of whole cases, and whole cases that are shared; whose sample a case holds; what people are told. A session
    /// knows when its password was last given.
    static let eighth = Migration(
        number: 8, tables: [caseReadings, sharedCases, persons, personIdentifiers, notices], statements: [],
        work: { connection, _ in try add("confirmed_at {int}", to: "sessions", on: connection) })

    /// No reference to the reader, as in `readings`. `images_json` is an object of screenings and what each is read as.
    /// `is_current` marks the highest signed revision of case and reader, unless a later reading settled it.
    private static let caseReadings = TableDefinition(
        "case_readings",
        [
            "id {id} NOT NULL PRIMARY KEY", "case_id {id} NOT NULL", "reader_id {id} NOT NULL",
            "revision {int} NOT NULL", "label {name} NOT NULL", "finding {text} NOT NULL", "comment {text} NOT NULL",
            "images_json {text} NOT NULL", "settles {int} NOT NULL", "is_blind {int} NOT NULL",
            "is_current {int} NOT NULL", "signed_at {int}", "created_at {int} NOT NULL", "updated_at {int} NOT NULL",
            "CONSTRAINT case_readings_revision UNIQUE (case_id, reader_id, revision)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [("case_readings_reader", "reader_id, created_at, id")])

    /// `told` is what the patient chose to tell, between spaces.
    private static let sharedCases = TableDefinition(
        "shared_cases", isClustered: true,
        [
            "case_id {id} NOT NULL", "user_id {id} NOT NULL", "patient_id {id} NOT NULL", "shared_at {int} NOT NULL",
            "includes_new {int} NOT NULL", "told {name} NOT NULL", "allows_training {int} NOT NULL",
            "PRIMARY KEY (case_id, user_id)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("shared_cases_user", "user_id"), ("shared_cases_patient", "patient_id, shared_at, case_id"),
        ])

    /// Haemoglobin in g/dL, cells and platelets in 10⁹/L, blasts in percent.
    private static let persons = TableDefinition(
        "persons",
        [
            "id {id} NOT NULL PRIMARY KEY", "case_id {id} NOT NULL", "birth_year {int}", "age_years {int}",
            "sex {name}",
            "haemoglobin {real}", "white_cells {real}", "platelets {real}", "blast_percentage {real}",
            "updated_at {int} NOT NULL", "CONSTRAINT persons_case UNIQUE (case_id)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ])

    private static let personIdentifiers = TableDefinition(
        "person_identifiers", isClustered: true,
        [
            "person_id {id} NOT NULL", "position {int} NOT NULL", "namespace {line} NOT NULL", "value {line} NOT NULL",
            "PRIMARY KEY (person_id, position)",
            "FOREIGN KEY (person_id) REFERENCES persons (id) ON DELETE CASCADE",
        ],
        indexes: [("person_identifiers_value", "value")])

    /// No reference to the person it is about: what happened stays when they go.
    private static let notices = TableDefinition(
        "notices",
        [
            "id {id} NOT NULL PRIMARY KEY", "user_id {id} NOT NULL", "kind {name} NOT NULL", "case_id {id}",
            "appointment_id {id}", "about_id {id}", "created_at {int} NOT NULL", "seen_at {int}",
            "letter {name} NOT NULL", "letter_attempts {int} NOT NULL", "escalates_at {int}",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
            "FOREIGN KEY (appointment_id) REFERENCES appointments (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("notices_user", "user_id, seen_at, created_at, id"), ("notices_case", "case_id, user_id, kind"),
            ("notices_appointment", "appointment_id"), ("notices_letter", "letter, created_at, id"),
            ("notices_escalation", "escalates_at"),
        ])
}
