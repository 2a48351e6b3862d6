import Clinic
import Foundation

/// What a query gave.
public struct SQLResult: Sendable {
    /// The names of the columns, as the database says them.
    public let columns: [String]
    /// The values of each row, in the order of the columns.
    public let rows: [[SQLValue]]

    /// The memberwise initialiser, for drivers.
    public init(columns: [String], rows: [[SQLValue]]) {
        (self.columns, self.rows) = (columns, rows)
    }
}

/// A row, read by the names of its columns.
struct SQLRow {
    private let columns: SQLColumns
    private let values: [SQLValue]

    init(_ values: [SQLValue], of columns: SQLColumns) {
        (self.columns, self.values) = (columns, values)
    }

    /// The value of a column.
    ///
    /// - Throws: `ClinicError.corrupt` with table, column and what was found, where it is not what the caller wants.
    subscript<Value: SQLConvertible>(_ column: String) -> Value {
        get throws {
            let found = values[try columns.index(of: column)]
            guard let value = Value(sqlValue: found) else { throw columns.unexpected(found, column, Value.self) }
            return value
        }
    }

    /// The value of the one column.
    func only<Value: SQLConvertible>() throws -> Value { try self[columns.names[0]] }
}

/// The names of a query's columns, for all its rows. Like these it stays on the thread of its transaction.
final class SQLColumns {
    let names: [String]
    private let sql: String
    /// Where the next name is looked for first: rows are mostly read from left to right.
    private var next = 0

    init(_ names: [String], of sql: String) {
        (self.names, self.sql) = (names, sql)
    }

    func index(of name: String) throws -> Int {
        if next >= names.count || names[next] != name {
            guard let found = names.firstIndex(of: name) else {
                throw ClinicError(.corrupt, fault: "The table \(table) gives no column \(name).")
            }
            next = found
        }
        next += 1
        return next - 1
    }

    /// Of a text only the kind is told, since it may be personal, but for a code.
    func unexpected<Value: SQLConvertible>(_ found: SQLValue, _ column: String, _ type: Value.Type) -> ClinicError {
        let found =
            switch found {
            case .null: "nothing"
            case .integer: "a whole number"
            case .real: "a number with a fraction"
            case .text(let text): type is any RawRepresentable.Type ? "“\(text.prefix(40))”" : "a text"
            }
        return ClinicError(
            .corrupt,
            fault:
                "A row of the database is not what was written: \(table).\(column) is \(found), not \(Value.expectation)."
        )
    }

    private var table: Substring { sql.firstMatch(of: /FROM ([a-z_]+)/)?.output.1 ?? "?" }
}
