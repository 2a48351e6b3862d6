import Clinic
import Foundation

/// What one thread of the pool does: transactions, again where that helps.
final class MariaDBWorker {
    /// How long a server that was there before is waited for.
    private static let patienceSeconds = 10.0
    /// How often a transaction is begun again after a conflict.
    private static let conflictLimit = 20

    private let location: MariaDBLocation
    private let hasConnected: SharedFlag
    private var connection: MariaDBConnection?

    init(location: MariaDBLocation, hasConnected: SharedFlag) {
        self.location = location
        self.hasConnected = hasConnected
    }

    /// Runs `body` within a transaction. After a conflict, or a connection lost before the commit, it runs again.
    ///
    /// - Throws: What `body` throws; `ClinicError.databaseUnavailable`.
    func transaction<Value>(writing: Bool, _ body: (any SQLConnection) throws -> Value) throws -> Value {
        try persisting {
            let connection = try open()
            try connection.begin(writing: writing)
            let value: Value
            do {
                value = try body(connection)
                // The body may have swallowed an error that has rolled the transaction back.
                if let failure = connection.failure { throw failure }
            } catch {
                // The body's own words on a lost connection are no reason not to try again.
                if let failure = connection.failure {
                    if failure.kind != .connectionLost { try connection.command("ROLLBACK") }
                    throw failure
                }
                try connection.command("ROLLBACK")
                throw error
            }
            try commit(connection)
            return value
        }
    }

    /// Runs `body` without a transaction, since MariaDB commits at each change of tables, while nobody else does.
    ///
    /// Waits for another process that changes them: the server frees the lock of one that died.
    ///
    /// - Throws: What `body` throws; `ClinicError.databaseUnavailable`.
    func migration(patienceSeconds: Double, _ body: (any SQLConnection) throws -> Void) throws {
        let deadline = Date().addingTimeInterval(patienceSeconds)
        try persisting {
            let connection = try open()
            defer { self.connection = nil }  // and with the connection goes its lock
            // In short waits, each well within the time that the connection gives an answer.
            let lock = "SELECT GET_LOCK(CONCAT('leukoscope.', LEFT(DATABASE(), 50)), 5)"
            while try connection.number(lock) != 1 {
                guard Date() < deadline else {
                    throw ClinicError(
                        .databaseUnavailable,
                        fault: "Another process changes the tables of \(location.name); wait until it is done.")
                }
            }
            try body(connection)
        }
    }

    private func commit(_ connection: MariaDBConnection) throws {
        do { try connection.command("COMMIT") } catch let failure as SQLFailure where failure.kind == .connectionLost {
            // Whether it is stored is not known; running it again could store it twice.
            self.connection = nil
            throw ClinicError(
                .databaseUnavailable,
                fault:
                    "The connection to \(location.name) was lost while storing; look whether it is there before trying again."
            )
        }
    }

    private func open() throws -> MariaDBConnection {
        if let connection { return connection }
        let opened = try MariaDBConnection(location)
        connection = opened
        hasConnected.set()
        return opened
    }

    private func persisting<Value>(_ body: () throws -> Value) throws -> Value {
        let deadline = Date().addingTimeInterval(Self.patienceSeconds)
        var conflicts = 0
        var pauseSeconds = 0.02
        while true {
            do { return try body() } catch let failure as SQLFailure where failure.kind == .connectionLost {
                // A connection that idled too long is dead while the server is well: the first new try is at once.
                let wasOpen = connection != nil
                connection = nil
                guard hasConnected.isSet, Date() < deadline else { throw unreachable(failure) }
                if !wasOpen { Thread.sleep(forTimeInterval: pauseSeconds) }
                pauseSeconds = min(pauseSeconds * 2, 0.5)
            } catch let failure as SQLFailure where failure.kind == .conflict {
                conflicts += 1
                guard conflicts < Self.conflictLimit else { throw failure.clinicError }
                Thread.sleep(forTimeInterval: .random(in: 0.002...0.02) * Double(conflicts))
            } catch let failure as SQLFailure {
                throw failure.clinicError
            }
        }
    }

    private func unreachable(_ failure: SQLFailure) -> ClinicError {
        ClinicError(
            .databaseUnavailable,
            fault:
                "The database \(location.name) does not answer: \(failure.message). Is the server running, and may this machine reach it?"
        )
    }
}
