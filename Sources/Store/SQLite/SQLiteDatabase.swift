import Clinic
import Foundation
import GRDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The embedded database: one file, for one machine.
///
/// Write-ahead log, so that readers never wait for the writer; `synchronous = FULL`, so that what was acknowledged
/// outlives a loss of power (https://www.sqlite.org/pragma.html#pragma_synchronous); `secure_delete = ON`, so that what is
/// deleted is written over. The work runs on GRDB's queues.
public final class SQLiteDatabase: MaintainedDatabase {
    /// How long a writer waits for one of another process.
    private static let patienceSeconds = 15.0
    private static let openingRestMicroseconds: UInt32 = 20_000
    /// How long the emptying of the log waits for readers; every other writer waits for it.
    private static let logPatienceMilliseconds = 250
    /// Rests before the log is tried to be emptied again where a reader held it up.
    private static let (shortestRest, longestRest) = (Duration.seconds(1), Duration.seconds(60))

    public let auditKey: [UInt8]
    public let erasureList: ErasureList?
    public let dialect = SQLDialect.sqlite
    public var name: String { "SQLite in \(file.path)" }
    private let file: URL
    private let pool: DatabasePool
    /// Whether a task goes on trying to empty the log.
    private let isEmptyingLog = Mutex(false)

    /// Opens the file, or makes it; only its owner may read it.
    ///
    /// - Parameters:
    ///   - file: In a directory that is there.
    ///   - auditKey: What the audit log is chained with.
    ///   - erasureList: Where it is written down what was deleted for good.
    /// - Throws: `ClinicError.databaseUnavailable`, `.corrupt`, `.storage`.
    public init(file: URL, auditKey: [UInt8], erasureList: ErasureList? = nil) throws {
        self.file = file
        self.erasureList = erasureList
        self.auditKey = auditKey
        // A file that is there is not opened and closed here: that would end the locks of whoever has it open in this process
        // (https://www.sqlite.org/howtocorrupt.html, 2.2).
        let descriptor = open(file.path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        let reason = errno
        if descriptor >= 0 {
            _ = Glibc.close(descriptor)
        } else if reason != EEXIST || access(file.path, R_OK | W_OK) != 0 {
            let told = reason == EEXIST ? errno : reason
            throw ClinicError(
                .databaseUnavailable,
                fault: "\(file.path) cannot be opened: \(String(cString: strerror(told))). May this user write there?")
        }
        do {
            pool = try SQLiteConnection.translating { try Self.opened(file) }
        } catch let failure as SQLFailure {
            throw ClinicError(.databaseUnavailable, fault: "\(file.path) cannot be opened: \(failure.message).")
        }
    }

    /// Opens the file, and waits while another process opens it for the first time: SQLite asks nobody to wait where one
    /// that reads already wants to write, as a change to the write-ahead log does, since two of them would wait for ever.
    private static func opened(_ file: URL) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(patienceSeconds)
        configuration.maximumReaderCount = 4
        let latest = ContinuousClock.now + .seconds(patienceSeconds)
        while true {
            do {
                let pool = try DatabasePool(path: file.path, configuration: configuration)
                // GRDB takes NORMAL with the write-ahead log, which may lose the last commits with the power. The cache
                // is in KiB.
                try pool.writeWithoutTransaction {
                    try $0.execute(
                        sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA secure_delete = ON")
                }
                return pool
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && ContinuousClock.now < latest {
                usleep(openingRestMicroseconds)
            }
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

    /// Moves the write-ahead log into the file and cuts it to nothing (https://www.sqlite.org/c3ref/wal_checkpoint_v2.html).
    /// Where somebody still reads it, as a backup does, it is tried again until it is done.
    public func emptyLog() async throws -> Bool {
        let isEmpty = try await emptyLogOnce()
        if !isEmpty { goOnEmptyingLog() }
        return isEmpty
    }

    private func goOnEmptyingLog() {
        let begins = isEmptyingLog.withLock { isAtWork in
            defer { isAtWork = true }
            return !isAtWork
        }
        guard begins else { return }
        Task { [weak self] in
            var rest = Self.shortestRest
            do {
                repeat {
                    try await Task.sleep(for: rest)
                    rest = min(rest * 2, Self.longestRest)
                } while try await self?.emptyLogOnce() == false
            } catch {
                // The database was closed, or refuses everybody; the next deletion and the hourly sweep ask again.
            }
            self?.isEmptyingLog.withLock { $0 = false }
        }
    }

    private func emptyLogOnce() async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(with: Result { try Self.emptyLog(of: database) })
            }
        }
    }

    private static func emptyLog(of database: Database) throws -> Bool {
        try clinicErrors {
            try SQLiteConnection.translating {
                try database.execute(sql: "PRAGMA busy_timeout = \(logPatienceMilliseconds)")
                let outcome = Result { try database.checkpoint(.truncate) }
                try database.execute(sql: "PRAGMA busy_timeout = \(Int(patienceSeconds * 1000))")
                do { _ = try outcome.get() } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                    return false
                }
                return true
            }
        }
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
