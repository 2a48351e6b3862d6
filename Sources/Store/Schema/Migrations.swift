import Clinic
import Foundation

/// A numbered step of the schema. Once released it is never changed; the next change is the next number.
///
/// MariaDB commits at each CREATE, so each step must bear to be begun again after a crash.
struct Migration: Sendable {
    let number: Int
    let tables: [TableDefinition]
    /// What goes on after the tables are there.
    let statements: [String]
    /// What is more than statements, after them; bears to be begun again as well.
    let work: @Sendable (any SQLConnection, AuditChain) throws -> Void

    init(
        number: Int, tables: [TableDefinition], statements: [String],
        work: @escaping @Sendable (any SQLConnection, AuditChain) throws -> Void = { _, _ in }
    ) {
        (self.number, self.tables, self.statements, self.work) = (number, tables, statements, work)
    }

    /// Gives a table a column more, where it lacks it.
    ///
    /// - Parameter line: As in a `TableDefinition`; begins with the column's name.
    static func add(_ line: String, to table: String, on connection: any SQLConnection) throws {
        let name = String(line.prefix { $0 != " " })
        let there =
            switch connection.dialect {
            case .sqlite: "SELECT COUNT(*) FROM pragma_table_info(?) WHERE name = ?"
            case .mariadb:
                """
                SELECT COUNT(*) FROM information_schema.columns \
                WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?
                """
            }
        guard try connection.number(there, table, name) == 0 else { return }
        let column = ColumnType.rendering(line, for: connection.dialect)
        try connection.execute("ALTER TABLE \(table) ADD COLUMN \(column)")
    }

    /// Gives a table an index more, where it lacks it.
    static func addIndex(
        _ name: String, _ columns: String, of table: String, on connection: any SQLConnection
    ) throws {
        guard try !hasIndex(name, of: table, on: connection) else { return }
        try connection.execute("CREATE INDEX \(name) ON \(table) (\(columns))")
    }

    /// Takes an index away, where it is there.
    static func dropIndex(_ name: String, of table: String, on connection: any SQLConnection) throws {
        guard try hasIndex(name, of: table, on: connection) else { return }
        switch connection.dialect {
        case .sqlite: try connection.execute("DROP INDEX \(name)")
        case .mariadb: try connection.execute("ALTER TABLE \(table) DROP INDEX \(name)")
        }
    }

    private static func hasIndex(
        _ name: String, of table: String, on connection: any SQLConnection
    ) throws -> Bool {
        let there =
            switch connection.dialect {
            case .sqlite: "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND name = ?"
            case .mariadb:
                """
                SELECT COUNT(*) FROM information_schema.statistics \
                WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?
                """
            }
        return try connection.number(there, table, name) > 0
    }
}

// A step that only adds columns stands here, from the eleventh on; the others have files of their own.
extension Migration {
    /// The language that somebody chose for pages and letters; NULL until they do.
    static let eleventh = Migration(
        number: 11, tables: [], statements: [],
        work: { connection, _ in try add("language {name}", to: "users", on: connection) })

    /// What another finding is, as codes between spaces; NULL for none, as of all that was signed before.
    ///
    /// Cases are found by what signed readings make of them, no longer by the network's answers alone. Whatever derives rows
    /// reads others as this program knows them, so it belongs to the last step that gives those a column.
    static let twentieth = Migration(
        number: 20, tables: [], statements: [],
        work: { connection, _ in
            for table in ["readings", "case_readings"] { try add("findings {text}", to: table, on: connection) }
            try SQLTransaction(connection, auditKey: []).refreshMarksOfReadCases()
        })
}

/// All steps of the schema in their order, and the running of them.
enum Migrations {
    static let all: [Migration] = [
        .first, .second, .third, .fourth, .fifth, .sixth, .seventh, .eighth, .ninth, .tenth, .eleventh,
        .twelfth, .thirteenth, .fourteenth, .fifteenth, .sixteenth, .seventeenth, .eighteenth, .nineteenth,
        .twentieth,
    ]

    /// The version that this program works with.
    static let newest = all.last?.number ?? 0

    /// Runs what is missing.
    ///
    /// - Parameters:
    ///   - chain: That of the audit log.
    ///   - upTo: The last one to run.
    /// - Throws: `ClinicError.newerSchema`.
    static func run(on connection: any SQLConnection, _ chain: AuditChain, upTo last: Int = newest) throws {
        let table = TableDefinition(
            "schema_migrations", ["number {int} NOT NULL PRIMARY KEY", "run_at {int} NOT NULL"])
        for statement in table.statements(for: connection.dialect) { try connection.execute(statement) }
        let present = try connection.number("SELECT COALESCE(MAX(number), 0) FROM schema_migrations")
        guard present <= newest else { throw newer(present) }
        for migration in all where migration.number > present && migration.number <= last {
            for table in migration.tables {
                for statement in table.statements(for: connection.dialect) { try connection.execute(statement) }
            }
            for statement in migration.statements { try connection.execute(statement) }
            try migration.work(connection, chain)
            try connection.execute(
                "INSERT INTO schema_migrations (number, run_at) VALUES (?, ?)", migration.number, Date())
        }
    }

    /// Makes the tables of a schema where they are not there, also those that a newer schema has dropped.
    static func makeTables(of version: Int, on connection: any SQLConnection, _ chain: AuditChain) throws {
        try run(on: connection, chain, upTo: version)
        let names = Set(BackupTable.all(schema: version).map(\.name))
        for table in all.filter({ $0.number <= version }).flatMap(\.tables) where names.contains(table.name) {
            for statement in table.statements(for: connection.dialect) { try connection.execute(statement) }
        }
    }

    /// The number of the last one that was run; 0 where none was.
    static func version(on connection: any SQLConnection) throws -> Int {
        let there =
            switch connection.dialect {
            case .sqlite: "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"
            case .mariadb:
                """
                SELECT COUNT(*) FROM information_schema.tables \
                WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'
                """
            }
        guard try connection.number(there) > 0 else { return 0 }
        return try connection.number("SELECT COALESCE(MAX(number), 0) FROM schema_migrations")
    }

    private static func newer(_ present: Int) -> ClinicError {
        ClinicError(
            .newerSchema,
            fault:
                "The database has schema \(present), this program knows up to \(newest). Start the newer program, or restore the backup from before the upgrade."
        )
    }
}
