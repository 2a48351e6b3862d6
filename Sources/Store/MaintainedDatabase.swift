import Clinic

/// A database as its operator sees it: what `ClinicDatabase` offers, and what keeps it in order.
public protocol MaintainedDatabase: ClinicDatabase {
    /// What the audit log is chained with.
    var auditKey: [UInt8] { get }
    var dialect: SQLDialect { get }
    /// Where it is, for messages; without a password.
    var name: String { get }

    /// Where it is written down what was deleted for good; nil in places without a data folder.
    var erasureList: ErasureList? { get }

    /// Takes out of the database's own log what was deleted.
    ///
    /// - Returns: False where somebody still reads it.
    func emptyLog() async throws -> Bool

    /// Runs `body` within a transaction that sees one state and changes nothing.
    func reading<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Runs `body` within a transaction, again where the database asks for it.
    func writing<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Runs `body`, which changes tables, while nobody else does the same; in a transaction where the database can.
    func migrating(_ body: @escaping @Sendable (any SQLConnection) throws -> Void) async throws

    /// Brings the tables up to date. Safe to call from several processes at once.
    ///
    /// - Throws: `ClinicError.newerSchema`, `.databaseUnavailable`.
    func migrate() async throws

    /// The number of the last migration that was run; 0 for an empty database.
    func schemaVersion() async throws -> Int

    /// Ends all connections; what runs comes to its end first.
    func close() async throws
}

extension MaintainedDatabase {
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value {
        try await reading { [auditKey] connection in
            try SQLTransaction(connection, auditKey: auditKey).perform(body)
        }
    }

    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value {
        try await writing { [auditKey] connection in
            try SQLTransaction(connection, auditKey: auditKey).perform(body)
        }
    }

    public func migrate() async throws {
        try await migrating { [auditKey] in try Migrations.run(on: $0, AuditChain(key: auditKey)) }
    }

    public func schemaVersion() async throws -> Int {
        try await reading { try Migrations.version(on: $0) }
    }
}
