import Clinic
import GRDB

/// A connection of GRDB's, during one transaction.
final class SQLiteConnection: SQLConnection {
    private let database: Database

    init(_ database: Database) {
        self.database = database
    }

    var dialect: SQLDialect { .sqlite }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try Self.translating {
            let statement = try database.cachedStatement(sql: sql)
            let before = database.totalChangesCount
            try statement.execute(arguments: Self.arguments(arguments))
            // The statement's own count stays at that of the one before when a statement changes nothing.
            return database.totalChangesCount == before ? 0 : database.changesCount
        }
    }

    func result(_ sql: String, _ arguments: [SQLValue]) throws -> SQLResult {
        try Self.translating {
            let statement = try database.cachedStatement(sql: sql)
            let cursor = try Row.fetchCursor(statement, arguments: Self.arguments(arguments))
            var found: [[SQLValue]] = []
            while let row = try cursor.next() {
                found.append(try row.databaseValues.map(Self.value))
            }
            return SQLResult(columns: statement.columnNames, rows: found)
        }
    }

    private static func arguments(_ values: [SQLValue]) -> StatementArguments {
        StatementArguments(
            values.map { value -> (any DatabaseValueConvertible)? in
                switch value {
                case .null: nil
                case .integer(let number): number
                case .real(let number): number
                case .text(let text): text
                }
            })
    }

    private static func value(_ value: DatabaseValue) throws -> SQLValue {
        switch value.storage {
        case .null: return .null
        case .int64(let number): return .integer(number)
        case .double(let number): return .real(number)
        case .string(let text): return .text(text)
        case .blob: throw ClinicError(.corrupt, fault: "The database holds bytes where it should hold text.")
        }
    }

    /// Gives SQLite's errors this module's shape; https://www.sqlite.org/rescode.html
    static func translating<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            let message = error.message ?? "\(error.resultCode)"
            switch error.extendedResultCode {
            case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: throw SQLFailure(.duplicate, message)
            case .SQLITE_CONSTRAINT_FOREIGNKEY: throw SQLFailure(.missingReference, message)
            default: break
            }
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw SQLFailure(.conflict, message)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                throw ClinicError(.corrupt, fault: "The database file is damaged (\(message)); restore a backup.")
            case .SQLITE_FULL, .SQLITE_IOERR:
                throw ClinicError(.storage, fault: "The disk of the database refused (\(message)); is it full?")
            default: throw SQLFailure(.other, message)
            }
        }
    }
}
