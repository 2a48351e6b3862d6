import Clinic
import Foundation

/// What one thread of the pool does: transactions, again where that helps.
final class MariaDBWorker {
    /// How long a server that was there before is waited for; and nodes of a cluster, which take some seconds to agree on who
    /// is left.
    private static let (patienceSeconds, clusterPatienceSeconds) = (10.0, 30.0)
    /// How often a transaction is begun again after a conflict.
    private static let conflictLimit = 20

    private let hosts: MariaDBHosts
    private let hasConnected: SharedFlag
    private var link: MariaDBLink?
    private var location: MariaDBLocation { hosts.location }

    init(hosts: MariaDBHosts, hasConnected: SharedFlag) {
        self.hosts = hosts
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
                    if failure.kind == .conflict { try connection.rollBack() }
                    throw failure
                }
                try connection.rollBack()
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
            defer { link = nil }  // and with the connection goes its lock
            // A server's own lock keeps out nobody at another node.
            guard !connection.hasPeers else {
                return try ClusterLease(hosts: hosts).holding(on: connection, until: deadline, body)
            }
            // In short waits, each well within the time that the connection gives an answer.
            let lock = "SELECT GET_LOCK(CONCAT('leukoscope.', LEFT(DATABASE(), 50)), 5)"
            while try connection.number(lock) != 1 {
                guard Date() < deadline else { throw ClusterLease.taken(location) }
            }
            try body(connection)
        }
    }

    private func commit(_ connection: MariaDBConnection) throws {
        do { try connection.commit() } catch let failure as SQLFailure where failure.kind == .connectionLost {
            // Whether it is stored is not known; running it again could store it twice.
            link = nil
            throw ClinicError(
                .databaseUnavailable,
                fault:
                    "The connection to \(location.name) was lost while storing; look whether it is there before trying again."
            )
        }
    }

    private func open() throws -> MariaDBConnection {
        if let link, !hosts.isBetter(than: link.index) { return link.connection }
        link = nil
        let opened = try MariaDBLink.open(hosts)
        link = opened
        hasConnected.set()
        return opened.connection
    }

    private func persisting<Value>(_ body: () throws -> Value) throws -> Value {
        let begun = Date()
        var conflicts = 0
        var pauseSeconds = 0.02
        while true {
            do { return try body() } catch let failure as SQLFailure
                where failure.kind == .connectionLost || failure.kind == .notServing
            {
                // A connection that idled too long is dead while the server is well: the first new try is at once.
                let wasOpen = link != nil
                link = nil
                let patience =
                    hosts.areSeveral || hosts.isCluster ? Self.clusterPatienceSeconds : Self.patienceSeconds
                guard hasConnected.isSet, Date().timeIntervalSince(begun) < patience else { throw unreachable(failure) }
                if !wasOpen || failure.kind == .notServing { Thread.sleep(forTimeInterval: pauseSeconds) }
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
