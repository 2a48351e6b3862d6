import Clinic

/// A connection within a transaction, whatever drives it. It blocks, stays on its driver's thread, and is not kept.
public protocol SQLConnection: AnyObject {
    /// What this database says differently.
    var dialect: SQLDialect { get }

    /// Whether other servers write the same rows, so that a lock here keeps out nobody there.
    var hasPeers: Bool { get }

    /// Runs a statement that gives no rows.
    ///
    /// - Parameters:
    ///   - sql: One statement with a `?` for each argument.
    ///   - arguments: Text without the NUL character.
    /// - Returns: How many rows it concerned.
    /// - Throws: `SQLFailure`.
    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Runs a query.
    ///
    /// - Throws: `SQLFailure`.
    func result(_ sql: String, _ arguments: [SQLValue]) throws -> SQLResult
}

extension SQLConnection {
    public var hasPeers: Bool { false }

    /// The rows of a query, without the names of their columns.
    ///
    /// - Throws: `SQLFailure`.
    public func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        try result(sql, arguments).rows
    }

    /// Runs a statement, its arguments as they are.
    @discardableResult
    func execute(_ sql: String, _ arguments: any SQLConvertible...) throws -> Int {
        try checkedRun(sql, arguments.map(\.sqlValue))
    }

    /// Runs a statement whose arguments are values already.
    @discardableResult
    func checkedRun(_ sql: String, _ values: [SQLValue]) throws -> Int {
        try Self.check(values)
        return try Self.tellingReasons { try run(sql, values) }
    }

    /// Every row of a query.
    func query(_ sql: String, _ arguments: any SQLConvertible...) throws -> [SQLRow] {
        try query(sql, values: Self.values(arguments))
    }

    func query(_ sql: String, values: [SQLValue]) throws -> [SQLRow] {
        try Self.check(values)
        let found = try Self.tellingReasons { try result(sql, values) }
        let columns = SQLColumns(found.columns, of: sql)
        return found.rows.map { SQLRow($0, of: columns) }
    }

    /// The first row of a query, if there is one.
    func first(_ sql: String, _ arguments: any SQLConvertible...) throws -> SQLRow? {
        try query(sql, values: Self.values(arguments)).first
    }

    /// The one column of every row of a query.
    func column<Value: SQLConvertible>(_ sql: String, _ arguments: any SQLConvertible...) throws -> [Value] {
        try query(sql, values: Self.values(arguments)).map { try $0.only() }
    }

    /// The one value of a query's first row, if there is one.
    func value<Value: SQLConvertible>(_ sql: String, _ arguments: any SQLConvertible...) throws -> Value? {
        try query(sql, values: Self.values(arguments)).first?.only()
    }

    /// The number in the one row and column of a query.
    func number(_ sql: String, _ arguments: any SQLConvertible...) throws -> Int {
        try query(sql, values: Self.values(arguments)).first?.only() ?? 0
    }

    private static func values(_ arguments: [any SQLConvertible]) -> [SQLValue] {
        arguments.map(\.sqlValue)
    }

    /// A taken value or a missing row is for the caller to handle at once; a conflict or a lost connection is for the
    /// driver, which runs the whole work again.
    private static func tellingReasons<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let failure as SQLFailure
            where failure.kind == .duplicate || failure.kind == .missingReference
        {
            throw failure.clinicError
        }
    }

    /// SQLite's text ends at a NUL when it is read back, so it must not get in.
    private static func check(_ values: [SQLValue]) throws {
        for case .text(let text) in values where text.utf8.contains(0) {
            throw ClinicError(.invalid, "errors.texts.nul")
        }
    }
}
