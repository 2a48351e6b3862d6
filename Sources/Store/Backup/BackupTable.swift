/// A table as it stands in a backup. What can be worked out again (words, marks, candidates) is left out, and so are towns
/// and postcodes, which the server loads of their files, and the schema's number, which the manifest has.
struct BackupTable: Sendable {
    let name: String
    let columns: [String]
    /// The primary key, by which the rows are read in pages.
    let key: [String]
    /// Rows of a page; few where rows are long.
    let page: Int
    /// The schemas that have the table so.
    let schemas: ClosedRange<Int>

    private static let users =
        "id email name name_key role password_hash place_name latitude longitude totp_secret is_disabled created_at"
    private static let persons =
        "id case_id birth_year age_years sex haemoglobin white_cells platelets blast_percentage updated_at"
    private static let readings =
        "id screening_id reader_id revision label comment network_label network_decision model_name model_version is_blind is_current signed_at created_at updated_at"
    private static let screenings =
        "id image_id case_id owner_id number state attempts worker_id lease_until decision label confidence created_at finished_at failure result_json analytics_json"

    /// The tables of a schema.
    static func all(schema: Int) -> [BackupTable] { all.filter { $0.schemas.contains(schema) } }

    /// Those of every schema, in an order in which every row comes after the rows it names.
    private static let all: [BackupTable] =
        [
            BackupTable(
                "users",
                Self.users, schemas: 1...10),
            BackupTable("users", Self.users + " language", schemas: 11...11),
            BackupTable("users", Self.users + " language used_at", schemas: 12...Int.max),
            BackupTable(
                "sessions", "digest user_id created_at last_seen_at expires_at", schemas: 1...7
            ),
            BackupTable(
                "sessions", "digest user_id created_at last_seen_at expires_at confirmed_at",
                schemas: 8...Int.max),
            BackupTable("one_time_tokens", "digest purpose user_id expires_at"),
            BackupTable(
                "api_tokens", "id digest user_id label scopes created_at last_used_at revoked_at", schemas: 1...4),
            BackupTable(
                "api_tokens", "id digest user_id label scopes created_at expires_at last_used_at revoked_at",
                schemas: 5...9),
            BackupTable(
                "api_tokens",
                "id digest user_id label scopes created_at expires_at last_used_at revoked_at site_id",
                schemas: 10...Int.max),
            BackupTable("cases", "id owner_id title note last_number created_at updated_at", schemas: 1...9),
            BackupTable(
                "cases", "id owner_id title note last_number created_at updated_at site_id", schemas: 10...11),
            BackupTable(
                "cases", "id owner_id title note last_number created_at updated_at site_id used_at",
                schemas: 12...17),
            BackupTable(
                "cases", "id owner_id title note last_number created_at updated_at site_id used_at dependent_id",
                schemas: 18...Int.max),
            BackupTable(SQLTransaction.dependents, schemas: 18...Int.max),
            BackupTable("consent_texts", "digest language words", schemas: 18...Int.max),
            BackupTable(
                "consents", "id user_id sequence dependent_id answer notice text_digest at", schemas: 18...Int.max),
            BackupTable(
                "images", "id case_id owner_id number upload_key width height byte_count sha256 archive_key created_at"),
            BackupTable("screenings", screenings, page: 200, schemas: 1...5),
            BackupTable("screenings", screenings + " turn", page: 200, schemas: 6...9),
            BackupTable(
                "screenings", screenings + " turn site_id qualification_id doubted_at", page: 200,
                schemas: 10...Int.max),
            BackupTable(ImageFactTable.name, ImageFactTable.columns, page: 100, schemas: 9...Int.max),
            BackupTable(
                ImageFactTable.overlaps, "first_id second_id case_id relation", key: ["first_id", "second_id"],
                schemas: 9...Int.max),
            BackupTable("case_shares", "case_id user_id shared_at", key: ["case_id", "user_id"], schemas: 1...1),
            BackupTable("places", "id name name_key country_code latitude longitude population", schemas: 1...1),
            BackupTable("audit_log", "sequence at actor user_id token_id area action object detail hash"),
            BackupTable("audit_head", "id sequence hash seal"),
            BackupTable("installation", "id mark marked_at", schemas: 4...Int.max),
            BackupTable(StoredObjects.table, StoredObjects.columns, schemas: 5...Int.max),
            BackupTable(SQLTransaction.erasures, schemas: 5...Int.max),
        ] + ofDoctors + ofWholeCases + ofSites + ofRetention

    /// What came with the second schema.
    private static let ofDoctors: [BackupTable] = [
        BackupTable(
            "screening_shares", "screening_id user_id patient_id shared_at allows_training is_open",
            key: ["screening_id", "user_id"], schemas: 2...Int.max),
        BackupTable("readings", Self.readings, schemas: 2...19),
        BackupTable("readings", Self.readings + " findings", schemas: 20...Int.max),
        BackupTable(
            "screening_facts", ScreeningFacts.columns, key: ["screening_id"], schemas: 2...Int.max),
        BackupTable(SmearCells.table, SmearCells.columns, key: ["screening_id", "number"], schemas: 7...Int.max),
        BackupTable(
            SmearCells.changes, SmearCells.changeColumns, key: ["screening_id", "sequence"], schemas: 7...Int.max),
        BackupTable(SmearCells.confirmations, SmearCells.confirmationColumns, schemas: 7...Int.max),
        BackupTable(
            "doctors", "id stars reviews next_free_at created_at " + DoctorColumns.changing.joined(separator: " "),
            page: 200, schemas: 2...Int.max),
        BackupTable(
            "doctor_documents", "id doctor_id name content_type byte_count archive_key created_at",
            schemas: 2...Int.max),
        BackupTable(
            "appointments",
            "id doctor_id patient_id starts_at ends_at slot state note reason sequence reminded_at created_at updated_at",
            schemas: 2...12),
        BackupTable(
            "appointments",
            "id doctor_id patient_id starts_at ends_at slot state note reason sequence reminded_at created_at updated_at phone phone_for_doctor phone_for_messages video_address",
            schemas: 13...Int.max),
        BackupTable(
            "reviews",
            "id appointment_id doctor_id patient_id stars text state hold_reason moderation_reason answer answered_at queued_at created_at updated_at",
            schemas: 2...Int.max),
        BackupTable("review_reports", "id review_id reporter_id reason created_at", schemas: 2...Int.max),
        BackupTable(
            "installed_models", "id name version checksum metrics_json installed_at installed_by", schemas: 2...Int.max),
        BackupTable("model_activations", "sequence model_id at user_id reason", schemas: 2...Int.max),
        BackupTable(
            "places", "id name name_key country_code latitude longitude population time_zone", schemas: 2...5),
        BackupTable(
            "place_names", "name_key place_id population head tail letters", key: ["name_key", "place_id"],
            schemas: 2...5),
    ]

    /// What came with the eighth schema.
    private static let ofWholeCases: [BackupTable] = [
        BackupTable(
            "case_readings",
            "id case_id reader_id revision label finding comment images_json settles is_blind is_current signed_at created_at updated_at",
            schemas: 8...19),
        BackupTable(SQLTransaction.caseReadings, schemas: 20...Int.max),
        BackupTable(
            "shared_cases", "case_id user_id patient_id shared_at includes_new told allows_training",
            key: ["case_id", "user_id"], schemas: 8...Int.max),
        BackupTable(SQLTransaction.reportLinks, schemas: 13...Int.max),
        BackupTable(
            "visit_messages", "id appointment_id kind sequence created_at attempts due_at ended_at",
            schemas: 13...Int.max),
        BackupTable(
            "persons",
            Self.persons, schemas: 8...18),
        BackupTable("persons", Self.persons + " sample_namespace sample_value", schemas: 19...Int.max),
        BackupTable(
            "person_identifiers", "person_id position namespace value", key: ["person_id", "position"],
            schemas: 8...Int.max),
        BackupTable(
            "notices",
            "id user_id kind case_id appointment_id about_id created_at seen_at letter letter_attempts escalates_at",
            schemas: 8...9),
        BackupTable(
            "notices",
            "id user_id kind case_id appointment_id about_id created_at seen_at letter letter_attempts escalates_at site_id",
            schemas: 10...Int.max),
    ]

    /// What came with the tenth schema and after it.
    private static let ofSites: [BackupTable] = [
        BackupTable(SiteTable.name, SiteTable.columns, schemas: 10...Int.max),
        BackupTable(
            "site_qualifications", "id site_id at model_name model_version figures_json user_id", page: 200,
            schemas: 10...Int.max),
        BackupTable("site_controls", SiteTable.controlColumns, schemas: 10...Int.max),
        BackupTable(
            "site_watch", SiteTable.watchColumns, key: ["qualification_id", "sequence"], page: 200,
            schemas: 10...Int.max),
        BackupTable("site_waiting_cases", "case_id site_id answered_at", schemas: 10...Int.max),
        BackupTable("site_events", "sequence site_id kind at user_id facts_json", schemas: 10...Int.max),
        BackupTable(
            "change_plans", "revision modifications change_protocol impact at user_id", page: 50,
            schemas: 10...Int.max),
        BackupTable(SQLTransaction.watchLinks, schemas: 17...Int.max),
        BackupTable(SQLTransaction.slides, schemas: 17...Int.max),
        BackupTable(
            "slide_parts", "slide_id start byte_count sha256", key: ["slide_id", "start"], schemas: 17...Int.max),
        BackupTable(
            "slide_fields", "slide_id number x y side micrometres_per_pixel image_id taken_at",
            key: ["slide_id", "number"], schemas: 17...Int.max),
        BackupTable(
            "request_keys", "user_id key_text digest case_id created_at", key: ["user_id", "key_text"],
            schemas: 15...Int.max),
        BackupTable(SQLTransaction.labRequests, schemas: 19...Int.max),
        BackupTable(SQLTransaction.subscriptionTable, schemas: 19...Int.max),
        BackupTable(
            "case_news", "id subscription_id case_id created_at attempts due_at ended_at failure",
            schemas: 19...Int.max),
    ]

    /// What came with the twelfth schema.
    private static let ofRetention: [BackupTable] = [
        BackupTable("audit_base", "id sequence hash seal", schemas: 12...Int.max),
        BackupTable(SQLTransaction.announcements, schemas: 12...Int.max),
        BackupTable("retention_watch", "id last_at steady_since", schemas: 12...Int.max),
        BackupTable(SQLTransaction.privacyRecords, schemas: 12...Int.max),
    ]

    /// What is worked out again, loaded or begun anew after a restore, with the first schema that has it.
    private static let derived = [
        ("case_words", 1), ("case_marks", 1), ("doctor_candidates", 2), ("place_positions", 2), ("postcodes", 3),
        ("postcode_editions", 3), ("place_ranks", 6), ("place_endings", 6), ("place_editions", 6), ("place_names", 6),
        ("places", 6), ("settings", 14), ("login_attempts", 16),
        ("kept_forms", 18),
    ]

    static func derived(schema: Int) -> [String] { derived.filter { $0.1 <= schema }.map(\.0) }

    /// - Parameter key: By default the first column.
    init(
        _ name: String, _ columns: String, key: [String]? = nil, page: Int = 1000,
        schemas: ClosedRange<Int> = 1...Int.max
    ) {
        self.name = name
        self.columns = columns.split(separator: " ").map(String.init)
        self.key = key ?? [self.columns[0]]
        self.page = page
        self.schemas = schemas
    }

    /// A table of which all columns are read.
    init<Value>(_ table: SQLTable<Value>, schemas: ClosedRange<Int> = 1...Int.max) {
        self.init(table.name, table.columns.joined(separator: " "), schemas: schemas)
    }

    var fileName: String { "database/\(name).jsonl" }

    /// Hands on every row, a page at a time, in the order of the key.
    func pages(on connection: any SQLConnection, _ body: ([[SQLValue]]) throws -> Void) throws {
        let order = key.joined(separator: ", ")
        var last: [SQLValue]?
        while true {
            let rows = try connection.rows(
                """
                SELECT \(columns.joined(separator: ", ")) FROM \(name) \(last == nil ? "" : "WHERE \(after)") \
                ORDER BY \(order) LIMIT \(page)
                """, last.map(arguments) ?? [])
            try body(rows)
            guard rows.count == page, let end = rows.last else { return }
            last = key.compactMap { name in columns.firstIndex(of: name).map { end[$0] } }
        }
    }

    /// Rows after those of the page before: `a > ? OR (a = ? AND b > ?)`.
    private var after: String {
        key.count == 1 ? "\(key[0]) > ?" : "\(key[0]) > ? OR (\(key[0]) = ? AND \(key[1]) > ?)"
    }

    private func arguments(_ last: [SQLValue]) -> [SQLValue] {
        key.count == 1 ? last : [last[0], last[0], last[1]]
    }

    func insert(_ rows: [[SQLValue]], on connection: any SQLConnection) throws {
        try connection.insert(rows, into: name, columns.joined(separator: ", "), batch: 50)
    }
}
