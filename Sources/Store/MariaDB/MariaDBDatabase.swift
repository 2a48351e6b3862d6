import Clinic
import Foundation

/// A MariaDB (from 10.6) or MySQL (from 8.0) server, for a clinic's own or for several nodes; or a Galera cluster of MariaDB.
///
/// A pool of threads, each with a connection: the C library blocks, and Swift's threads must not.
public final class MariaDBDatabase: MaintainedDatabase {
    public let auditKey: [UInt8]
    public let erasureList: ErasureList?
    public let dialect = SQLDialect.mariadb
    public var name: String { location.name }
    private let location: MariaDBLocation
    private let queue: WorkQueue
    private let migrationPatienceSeconds: Double

    /// Takes the URL; connects with the first work.
    ///
    /// - Parameters:
    ///   - url: `mysql://user:password@host:port/name`, special characters percent-encoded; the nodes of a cluster as
    ///     `h1:3306,h2:3306,h3:3306` in place of host and port, the first one preferred. Options in its query:
    ///     `tls=off`, `required` or `verify` (by default `off` to this machine, `verify` to another), `ca=FILE`,
    ///     `socket=FILE`.
    ///   - auditKey: What the audit log is chained with.
    ///   - poolSize: Connections at most, from 1.
    ///   - erasureList: Where it is written down what was deleted for good.
    ///   - migrationPatienceSeconds: How long `migrate` waits for another process that changes the tables.
    /// - Throws: `ClinicError.invalid` with field `database`.
    public init(
        url: String, auditKey: [UInt8], poolSize: Int = 8, erasureList: ErasureList? = nil,
        migrationPatienceSeconds: Double = 1800
    ) throws {
        self.erasureList = erasureList
        self.migrationPatienceSeconds = migrationPatienceSeconds
        location = try MariaDBLocation(url: url)
        self.auditKey = auditKey
        queue = WorkQueue(location: location, threads: max(poolSize, 1))
    }

    deinit {
        queue.close()
    }

    public func reading<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await perform { try $0.transaction(writing: false, body) }
    }

    public func writing<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await perform { try $0.transaction(writing: true, body) }
    }

    public func migrating(_ body: @escaping @Sendable (any SQLConnection) throws -> Void) async throws {
        try await perform { [migrationPatienceSeconds] worker in
            try worker.migration(patienceSeconds: migrationPatienceSeconds, body)
        }
    }

    /// InnoDB's logs are the server's own: `innodb_immediate_scrub_data_uncompressed` is set there.
    public func emptyLog() async throws -> Bool { true }

    public func close() async throws {
        queue.close()
        await withCheckedContinuation { continuation in queue.whenClosed { continuation.resume() } }
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (MariaDBWorker) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try queue.add { worker in continuation.resume(with: Result { try body(worker) }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
