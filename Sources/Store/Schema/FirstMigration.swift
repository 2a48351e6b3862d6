extension Migration {
    /// Accounts, cases, screenings, places and the audit log.
    static let first = Migration(
        number: 1,
        tables: [
            users, sessions, oneTimeTokens, apiTokens, cases, caseWords, caseMarks, images, screenings, caseShares,
            places, auditLog, auditHead,
        ],
        // The chain starts with an empty hash; a head that is there stays.
        statements: [
            """
            INSERT INTO audit_head (id, sequence, hash, seal) SELECT 1, 0, '', '' FROM (SELECT 1 AS one) AS source \
            WHERE NOT EXISTS (SELECT 1 FROM audit_head)
            """
        ])

    private static let users = TableDefinition(
        "users",
        [
            "id {id} NOT NULL PRIMARY KEY", "email {line} NOT NULL", "name {text} NOT NULL", "name_key {line} NOT NULL",
            "role {name} NOT NULL", "password_hash {text} NOT NULL", "place_name {text}", "latitude {real}",
            "longitude {real}", "totp_secret {text}", "is_disabled {int} NOT NULL", "created_at {int} NOT NULL",
            "CONSTRAINT users_email UNIQUE (email)",
        ],
        indexes: [
            ("users_name", "name_key"), ("users_created", "created_at, id"), ("users_role", "role, created_at, id"),
        ])

    private static let sessions = TableDefinition(
        "sessions",
        [
            "digest {digest} NOT NULL PRIMARY KEY", "user_id {id} NOT NULL", "created_at {int} NOT NULL",
            "last_seen_at {int} NOT NULL", "expires_at {int} NOT NULL",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("sessions_user", "user_id"), ("sessions_seen", "last_seen_at"), ("sessions_expiry", "expires_at"),
        ])

    private static let oneTimeTokens = TableDefinition(
        "one_time_tokens",
        [
            "digest {digest} NOT NULL PRIMARY KEY", "purpose {name} NOT NULL", "user_id {id}",
            "expires_at {int} NOT NULL", "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("one_time_tokens_user", "user_id"), ("one_time_tokens_expiry", "expires_at")])

    private static let apiTokens = TableDefinition(
        "api_tokens",
        [
            "id {id} NOT NULL PRIMARY KEY", "digest {digest} NOT NULL", "user_id {id} NOT NULL",
            "label {text} NOT NULL",
            "scopes {name} NOT NULL", "created_at {int} NOT NULL", "last_used_at {int}", "revoked_at {int}",
            "CONSTRAINT api_tokens_digest UNIQUE (digest)",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("api_tokens_user", "user_id, created_at")])

    /// `last_number` is the number of the newest image, so that a deleted image's number is not given again.
    private static let cases = TableDefinition(
        "cases",
        [
            "id {id} NOT NULL PRIMARY KEY", "owner_id {id} NOT NULL", "title {text} NOT NULL", "note {text} NOT NULL",
            "last_number {int} NOT NULL", "created_at {int} NOT NULL", "updated_at {int} NOT NULL",
            "FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("cases_owner", "owner_id, updated_at, id")])

    /// The words of title and note, folded, so that the search by the beginning of a word is a range of an index.
    private static let caseWords = TableDefinition(
        "case_words", isClustered: true,
        [
            "case_id {id} NOT NULL", "word {word} NOT NULL", "owner_id {id} NOT NULL", "PRIMARY KEY (case_id, word)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [("case_words_search", "owner_id, word, case_id")])

    /// What the list is filtered by, such as `decision=report`, once for each case that has it, with the case's
    /// `updated_at`: a filtered page is a range of an index, in order, however few cases it leaves.
    private static let caseMarks = TableDefinition(
        "case_marks", isClustered: true,
        [
            "case_id {id} NOT NULL", "mark {name} NOT NULL", "owner_id {id} NOT NULL", "updated_at {int} NOT NULL",
            "PRIMARY KEY (case_id, mark)", "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [("case_marks_list", "owner_id, mark, updated_at, case_id")])

    private static let images = TableDefinition(
        "images",
        [
            "id {id} NOT NULL PRIMARY KEY", "case_id {id} NOT NULL", "owner_id {id} NOT NULL", "number {int} NOT NULL",
            "upload_key {exact} NOT NULL", "width {int} NOT NULL", "height {int} NOT NULL", "byte_count {int} NOT NULL",
            "sha256 {digest} NOT NULL", "archive_key {key} NOT NULL", "created_at {int} NOT NULL",
            "CONSTRAINT images_upload UNIQUE (case_id, upload_key)",
            "CONSTRAINT images_number UNIQUE (case_id, number)",
            "CONSTRAINT images_archive UNIQUE (archive_key)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [("images_owner", "owner_id, created_at, byte_count")])

    /// The long texts stand last, where SQLite reads past them only when asked.
    private static let screenings = TableDefinition(
        "screenings",
        [
            "id {id} NOT NULL PRIMARY KEY", "image_id {id} NOT NULL", "case_id {id} NOT NULL", "owner_id {id} NOT NULL",
            "number {int} NOT NULL", "state {name} NOT NULL", "attempts {int} NOT NULL", "worker_id {key}",
            "lease_until {int}", "decision {name}", "label {name}", "confidence {real}", "created_at {int} NOT NULL",
            "finished_at {int}", "failure {text}", "result_json {text}", "analytics_json {text}",
            "CONSTRAINT screenings_image UNIQUE (image_id)",
            "FOREIGN KEY (image_id) REFERENCES images (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("screenings_queue", "state, created_at, id"), ("screenings_case", "case_id, number"),
            ("screenings_owner", "owner_id, state"), ("screenings_worker", "worker_id, state"),
        ])

    static let caseShares = TableDefinition(
        "case_shares", isClustered: true,
        [
            "case_id {id} NOT NULL", "user_id {id} NOT NULL", "shared_at {int} NOT NULL",
            "PRIMARY KEY (case_id, user_id)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("case_shares_user", "user_id, case_id")])

    private static let places = TableDefinition(
        "places",
        [
            "id {int} NOT NULL PRIMARY KEY", "name {text} NOT NULL", "name_key {line} NOT NULL",
            "country_code {name} NOT NULL", "latitude {real} NOT NULL", "longitude {real} NOT NULL",
            "population {int} NOT NULL",
        ],
        indexes: [("places_name", "name_key, population")])

    /// No references: what somebody did stays after the account is gone. `area` is the part of the action before the
    /// dot, so that a list of one kind of event is a range of an index.
    private static let auditLog = TableDefinition(
        "audit_log",
        [
            "sequence {int} NOT NULL PRIMARY KEY", "at {int} NOT NULL", "actor {name} NOT NULL", "user_id {id}",
            "token_id {id}", "area {name} NOT NULL", "action {name} NOT NULL", "object {line} NOT NULL",
            "detail {text} NOT NULL", "hash {digest} NOT NULL",
        ],
        indexes: [
            ("audit_log_user", "user_id, sequence"), ("audit_log_area", "area, sequence"),
            ("audit_log_object", "object, sequence"),
        ])

    /// One row: where the chain ends. `seal` binds it to the key.
    private static let auditHead = TableDefinition(
        "audit_head",
        [
            "id {int} NOT NULL PRIMARY KEY", "sequence {int} NOT NULL", "hash {key} NOT NULL", "seal {key} NOT NULL",
        ])
}
