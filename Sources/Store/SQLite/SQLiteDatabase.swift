import Clinic
import Foundation
import GRDB

#if canImport(Glibc)
    import Glibc
#endif

/// The embedded database: one file, for one machine.
///
/// Write-ahead log, so that readers never wait for the writer; `synchronous = FULL`, so that what was acknowledged
/// outlives a loss of power (https://www.sqlite.org/pragma.html#pragma_synchronous). The work runs on GRDB's queues.
public final class SQLiteDatabase: MaintainedDatabase {
    /// How long a writer waits for one of another process.
    private static let patienceSeconds = 15.0

    public let auditKey: [UInt8]
    public let dialect = SQLDialect.sqlite
    public var name: String { "SQLite in \(file.path)" }
    private let file: URL
    private let pool: DatabasePool

    /// Opens the file, or makes it; only its owner may read it.
    ///
    /// - Parameters:
    ///   - file: In a directory that is there.
    ///   - auditKey: What the audit log is chained with.
    /// - Throws: `ClinicError.databaseUnavailable`, `.corrupt`, `.storage`.
    public init(file: URL, auditKey: [UInt8]) throws {
        self.file = file
        self.auditKey = auditKey
        let descriptor = open(file.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ClinicError(
                .databaseUnavailable,
                fault: "\(file.path) cannot be opened: \(String(cString: strerror(errno))). May this user write there?"
            )
        }
        _ = Glibc.close(descriptor)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Self.patienceSeconds)
        configuration.maximumReaderCount = 4
        do {
            pool = try SQLiteConnection.translating { [configuration] in
                let pool = try DatabasePool(path: file.path, configuration: configuration)
                // GRDB takes NORMAL with the write-ahead log, which may lose the last commits with the power. The cache
                // is in KiB: 64 MB, so that random keys do not evict each other.
                try pool.writeWithoutTransaction {
                    try $0.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536")
                }
                return pool
            }
        } catch let failure as SQLFailure {
            throw ClinicError(.databaseUnavailable, fault: "\(file.path) cannot be opened: \(failure.message).")
        }
    }

    public func reading<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { database in
                continuation.resume(
                    with: Result {
                        try Self.clinicErrors {
                            try SQLiteConnection.translating { try body(SQLiteConnection(database.get())) }
                        }
                    })
            }
        }
    }

    public func writing<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        // By callback and not by GRDB's async functions: those give up when the task is cancelled, and a worker that
        // stops must still be able to hand its work back.
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(with: Result { try Self.transaction(in: database, body) })
            }
        }
    }

    public func migrating(_ body: @escaping @Sendable (any SQLConnection) throws -> Void) async throws {
        try await writing(body)
    }

    public func close() async throws {
        try Self.clinicErrors { try SQLiteConnection.translating { try pool.close() } }
    }

    private static func transaction<Value>(
        in database: Database, _ body: (any SQLConnection) throws -> Value
    ) throws -> Value {
        try clinicErrors {
            try SQLiteConnection.translating {
                try database.beginTransaction(.immediate)
                do {
                    let value = try body(SQLiteConnection(database))
                    try database.commit()
                    return value
                } catch {
                    if database.isInsideTransaction { try database.rollback() }
                    throw error
                }
            }
        }
    }

    private static func clinicErrors<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let failure as SQLFailure { throw failure.clinicError }
    }
}
