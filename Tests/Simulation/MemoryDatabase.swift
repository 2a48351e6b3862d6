import Clinic
import GRDBSQLite
import Store

/// SQLite in memory, called on the simulation's own thread: the same rows and the same SQL as the server's, without a thread
/// between that the seed does not rule. Each seed begins with a copy of one database with empty tables.
final class MemoryDatabase: SQLConnection, @unchecked Sendable {
    /// SQLite makes a copy of what is bound.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    let dialect = SQLDialect.sqlite
    let auditKey = [UInt8](repeating: 5, count: 32)
    private let handle: OpaquePointer
    private let template: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]

    /// - Throws: `ClinicError.databaseUnavailable`.
    init() throws {
        (handle, template) = (try Self.open(), try Self.open())
        try execute("PRAGMA foreign_keys = ON")
    }

    /// Takes the database as it is now for the beginning of every seed.
    func keepAsTemplate() throws { try copy(from: handle, to: template) }
    func reset() throws { try copy(from: template, to: handle) }

    /// All of it is stored, or nothing.
    func transaction<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        try execute("BEGIN IMMEDIATE")
        do {
            let value = try body(self)
            try execute("COMMIT")
            return value
        } catch {
            try execute("ROLLBACK")
            throw error
        }
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        let before = sqlite3_total_changes(handle)
        let statement = try prepared(sql, arguments)
        defer { sqlite3_reset(statement) }
        while try step(statement) {}
        return sqlite3_total_changes(handle) == before ? 0 : Int(sqlite3_changes(handle))
    }

    func result(_ sql: String, _ arguments: [SQLValue]) throws -> SQLResult {
        let statement = try prepared(sql, arguments)
        defer { sqlite3_reset(statement) }
        let columns = 0..<sqlite3_column_count(statement)
        var rows: [[SQLValue]] = []
        while try step(statement) { rows.append(columns.map { Self.value(statement, $0) }) }
        return SQLResult(columns: columns.map { String(cString: sqlite3_column_name(statement, $0)) }, rows: rows)
    }

    private func execute(_ sql: String) throws { _ = try run(sql, []) }

    private static func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
        case SQLITE_NULL: .null
        default: .text(sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "")
        }
    }

    private func prepared(_ sql: String, _ arguments: [SQLValue]) throws -> OpaquePointer {
        var statement = statements[sql]
        if statement == nil {
            try check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil), SQLITE_OK)
            statements[sql] = statement
        }
        guard let statement else { throw failure("“\(sql)” holds no statement") }
        for (index, value) in zip(Int32(1)..., arguments) {
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .real(let number): sqlite3_bind_double(statement, index, number)
            case .text(let text): sqlite3_bind_text(statement, index, text, -1, Self.transient)
            }
        }
        return statement
    }

    /// - Returns: Whether there is a row.
    private func step(_ statement: OpaquePointer) throws -> Bool {
        let code = sqlite3_step(statement)
        if code == SQLITE_ROW { return true }
        try check(code, SQLITE_DONE)
        return false
    }

    private func check(_ code: Int32, _ good: Int32) throws {
        guard code != good else { return }
        switch sqlite3_extended_errcode(handle) {
        // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY and _FOREIGNKEY, which are macros that Swift does not see.
        case 2067, 1555: throw ClinicError(.duplicate, "errors.stored.duplicate")
        case 787: throw ClinicError(.notFound, "errors.stored.missing")
        default: throw failure(String(cString: sqlite3_errmsg(handle)))
        }
    }

    private func failure(_ detail: String) -> ClinicError { ClinicError(.databaseUnavailable, fault: detail) }

    private static func open() throws -> OpaquePointer {
        var handle: OpaquePointer?
        guard sqlite3_open(":memory:", &handle) == SQLITE_OK, let handle else {
            throw ClinicError(.databaseUnavailable, fault: "SQLite does not open a database in memory.")
        }
        return handle
    }

    private func copy(from source: OpaquePointer, to target: OpaquePointer) throws {
        guard let backup = sqlite3_backup_init(target, "main", source, "main") else { throw failure("no copy") }
        sqlite3_backup_step(backup, -1)
        try check(sqlite3_backup_finish(backup), SQLITE_OK)
    }
}
