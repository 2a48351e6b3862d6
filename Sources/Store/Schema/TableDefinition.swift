/// A table as a migration makes it, in the words of either database.
///
/// Column lines name their types by `ColumnType`'s keys in braces, such as `{id}`.
struct TableDefinition: Sendable {
    let name: String
    /// Columns, keys and references, one each.
    let lines: [String]
    /// Indexes by name, each with its columns.
    let indexes: [(name: String, columns: String)]
    /// Whether SQLite keeps the rows in the primary key's order, as InnoDB always does.
    let isClustered: Bool

    init(
        _ name: String, isClustered: Bool = false, _ lines: [String],
        indexes: [(name: String, columns: String)] = []
    ) {
        (self.name, self.lines, self.indexes, self.isClustered) = (name, lines, indexes, isClustered)
    }

    /// The statements that make the table where it is not there.
    func statements(for dialect: SQLDialect) -> [String] {
        var inside = lines.map { ColumnType.rendering($0, for: dialect) }
        switch dialect {
        case .sqlite:
            // STRICT: a column holds what it says (https://www.sqlite.org/stricttables.html).
            let ending = isClustered ? "STRICT, WITHOUT ROWID" : "STRICT"
            return ["CREATE TABLE IF NOT EXISTS \(name) (\(inside.joined(separator: ", "))) \(ending)"]
                + indexes.map { "CREATE INDEX IF NOT EXISTS \($0.name) ON \(name) (\($0.columns))" }
        case .mariadb:
            inside += indexes.map { "INDEX \($0.name) (\($0.columns))" }
            // Compared by code point, as SQLite does; what should match without case is stored folded.
            return [
                "CREATE TABLE IF NOT EXISTS \(name) (\(inside.joined(separator: ", "))) "
                    + "ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
            ]
        }
    }
}

/// The types of columns, and what each database calls them.
enum ColumnType: String, CaseIterable {
    /// An `Identifier`.
    case id
    /// A SHA-256 in hexadecimal digits.
    case digest
    /// Up to 80 ASCII characters: a state, a decision, a class.
    case name
    /// Up to 255 ASCII characters: a key of the archive, a worker.
    case key
    /// Up to 255 bytes of any text, compared to the last space.
    case exact
    /// Up to 320 characters of any text that is indexed.
    case line
    /// Up to 64 characters of any text that is indexed.
    case word
    /// Text of any length.
    case text
    /// A whole number, a moment in milliseconds since 1970 UTC, or 0 and 1.
    case int
    case real

    func rendered(for dialect: SQLDialect) -> String {
        switch (dialect, self) {
        case (.sqlite, .int): "INTEGER"
        case (.sqlite, .real): "REAL"
        case (.sqlite, _): "TEXT"
        case (.mariadb, .id): "CHAR(22) CHARACTER SET ascii COLLATE ascii_bin"
        case (.mariadb, .digest): "CHAR(64) CHARACTER SET ascii COLLATE ascii_bin"
        case (.mariadb, .name): "VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin"
        case (.mariadb, .key): "VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin"
        case (.mariadb, .exact): "VARBINARY(255)"
        case (.mariadb, .line): "VARCHAR(320)"
        case (.mariadb, .word): "VARCHAR(64)"
        case (.mariadb, .text): "LONGTEXT"
        case (.mariadb, .int): "BIGINT"
        case (.mariadb, .real): "DOUBLE"
        }
    }

    static func rendering(_ line: String, for dialect: SQLDialect) -> String {
        allCases.reduce(line) { line, type in
            line.replacing("{\(type.rawValue)}", with: type.rendered(for: dialect))
        }
    }
}
