/// A table as it stands in a backup. What can be worked out again (words, marks) is left out; so is the schema's number,
/// which the manifest has.
struct BackupTable: Sendable {
    let name: String
    let columns: [String]
    /// The primary key, by which the rows are read in pages.
    let key: [String]
    /// Rows of a page; few where rows are long.
    let page: Int

    /// In an order in which every row comes after the rows it names.
    static let all: [BackupTable] = [
        BackupTable(
            "users",
            "id email name name_key role password_hash place_name latitude longitude totp_secret is_disabled created_at"
        ),
        BackupTable("sessions", "digest user_id created_at last_seen_at expires_at"),
        BackupTable("one_time_tokens", "digest purpose user_id expires_at"),
        BackupTable("api_tokens", "id digest user_id label scopes created_at last_used_at revoked_at"),
        BackupTable("cases", "id owner_id title note last_number created_at updated_at"),
        BackupTable(
            "images", "id case_id owner_id number upload_key width height byte_count sha256 archive_key created_at"),
        BackupTable(
            "screenings",
            "id image_id case_id owner_id number state attempts worker_id lease_until decision label confidence created_at finished_at failure result_json analytics_json",
            page: 200),
        BackupTable("case_shares", "case_id user_id shared_at", key: ["case_id", "user_id"]),
        BackupTable("places", "id name name_key country_code latitude longitude population"),
        BackupTable("audit_log", "sequence at actor user_id token_id area action object detail hash"),
        BackupTable("audit_head", "id sequence hash seal"),
    ]

    /// - Parameter key: By default the first column.
    init(_ name: String, _ columns: String, key: [String]? = nil, page: Int = 1000) {
        self.name = name
        self.columns = columns.split(separator: " ").map(String.init)
        self.key = key ?? [self.columns[0]]
        self.page = page
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

    /// Stores rows, many with one statement.
    func insert(_ rows: [[SQLValue]], on connection: any SQLConnection) throws {
        let batch = 50
        for start in stride(from: 0, to: rows.count, by: batch) {
            let part = rows[start..<min(start + batch, rows.count)]
            let row = "(" + Array(repeating: "?", count: columns.count).joined(separator: ", ") + ")"
            try connection.checkedRun(
                "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES "
                    + Array(repeating: row, count: part.count).joined(separator: ", "), part.flatMap { $0 })
        }
    }
}
