/// A table whose rows are values of one kind: its columns, written once, and how a row is read.
struct SQLTable<Value>: Sendable {
    let name: String
    let columns: [String]
    let value: @Sendable (SQLRow) throws -> Value

    /// - Parameters:
    ///   - name: As the migration calls it.
    ///   - columns: Those that are read, between spaces.
    ///   - value: Reads a row that has them.
    init(_ name: String, _ columns: String, value: @escaping @Sendable (SQLRow) throws -> Value) {
        self.name = name
        self.columns = columns.split(separator: " ").map(String.init)
        self.value = value
    }

    /// The columns for a SELECT or an INSERT.
    var list: String { columns.joined(separator: ", ") }

    /// The columns for a SELECT that calls the table by another name.
    func list(of alias: String) -> String { columns.map { "\(alias).\($0)" }.joined(separator: ", ") }
}

extension SQLConnection {
    /// Every value of a table whose row fits.
    ///
    /// - Parameter rest: What comes after the table's name in the SELECT.
    func all<Value>(
        _ table: SQLTable<Value>, _ rest: String, _ arguments: any SQLConvertible...
    ) throws -> [Value] {
        try all(table, rest, values: arguments.map(\.sqlValue))
    }

    func all<Value>(_ table: SQLTable<Value>, _ rest: String, values: [SQLValue]) throws -> [Value] {
        try query("SELECT \(table.list) FROM \(table.name) \(rest)", values: values).map(table.value)
    }

    /// The first value of a table whose row fits, if there is one.
    func one<Value>(
        _ table: SQLTable<Value>, _ rest: String, _ arguments: any SQLConvertible...
    ) throws -> Value? {
        try all(table, rest, values: arguments.map(\.sqlValue)).first
    }

    /// Stores rows, many with one statement.
    ///
    /// - Parameters:
    ///   - rows: The values of each, in the order of the columns.
    ///   - columns: Between commas.
    ///   - verb: INSERT, or REPLACE for rows that take the place of others.
    ///   - ending: What comes after the values.
    ///   - batch: Rows of one statement.
    func insert(
        _ rows: [[SQLValue]], into table: String, _ columns: String, verb: String = "INSERT", ending: String = "",
        batch: Int = 200
    ) throws {
        for part in rows.parts(of: batch) {
            let marks = "(" + Array(repeating: "?", count: part.first?.count ?? 0).joined(separator: ", ") + ")"
            try checkedRun(
                "\(verb) INTO \(table) (\(columns)) VALUES "
                    + Array(repeating: marks, count: part.count).joined(separator: ", ") + ending, part.flatMap { $0 })
        }
    }
}
