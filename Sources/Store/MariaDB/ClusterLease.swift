import CMariaDB
import Clinic
import Foundation
import Synchronization

/// The table by which the nodes of a Galera cluster hold what a lock of one server cannot. It is made where it is needed, is no
/// part of the schema or of a backup, and may be dropped while no server runs.
enum ClusterLocks {
    static let table = "cluster_locks"
    /// Rows that stand for all things that can be held; two things that share one wait for each other, no more.
    private static let slots: UInt64 = 1024
    /// The row of whoever changes the tables.
    static let schema = -1

    static func make(on connection: any SQLConnection) throws {
        let there = try connection.number(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", table)
        // Each change of tables holds up the whole cluster for a moment.
        guard there == 0 else { return }
        let definition = TableDefinition(
            table, ["slot {int} NOT NULL PRIMARY KEY", "holder {key} NOT NULL", "turn {int} NOT NULL"])
        for statement in definition.statements(for: connection.dialect) { try connection.execute(statement) }
    }

    /// FNV-1a, so that all nodes take the same slot for a name.
    static func slot(of name: String) -> Int {
        let hash = name.utf8.reduce(into: 0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int(hash % slots)
    }
}

extension SQLConnection {
    /// Holds something until the commit against the other nodes of a cluster. There, `FOR UPDATE` keeps out those of the same
    /// node alone; but of two transactions that write the same row one is undone and done again, so both write one.
    ///
    /// - Parameter name: What is held, the same at every node.
    func holdAgainstPeers(_ name: String) throws {
        guard hasPeers else { return }
        try execute(
            """
            INSERT INTO \(ClusterLocks.table) (slot, holder, turn) VALUES (?, '', 1) ON DUPLICATE KEY UPDATE turn = turn + 1
            """, ClusterLocks.slot(of: name))
    }
}

/// Keeps two processes from changing the tables of a Galera cluster at once, at whichever nodes they are.
///
/// Whoever holds it counts its row's turn up every few seconds. A waiting process takes it over when it saw no count for a while by
/// its own clock, so that clocks need not agree, and a process that died holds it up for half a minute.
struct ClusterLease {
    private static let beatSeconds = 3.0
    private static let silence: Duration = .seconds(30)

    let hosts: MariaDBHosts

    /// Runs `body` while nobody else does.
    ///
    /// - Throws: What `body` throws; `ClinicError.databaseUnavailable` when somebody else holds it past the deadline.
    func holding(
        on connection: MariaDBConnection, until deadline: Date, _ body: (any SQLConnection) throws -> Void
    ) throws {
        try ClusterLocks.make(on: connection)
        let holder = "\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
        try take(holder, on: connection, until: deadline)
        let beat = Beat(holder, hosts)
        beat.start()
        defer { beat.end() }
        try body(connection)
    }

    private func take(_ holder: String, on connection: MariaDBConnection, until deadline: Date) throws {
        let table = ClusterLocks.table
        try connection.execute(
            "INSERT INTO \(table) (slot, holder, turn) VALUES (?, '', 0) ON DUPLICATE KEY UPDATE slot = slot",
            ClusterLocks.schema)
        var (seen, since): ((holder: String, turn: Int)?, ContinuousClock.Instant) = (nil, .now)
        while true {
            let asked = ContinuousClock.now
            guard
                let row = try connection.first("SELECT holder, turn FROM \(table) WHERE slot = ?", ClusterLocks.schema)
            else { throw ClinicError(.corrupt, fault: "The table \(table) has lost the row that was put there.") }
            let found: (holder: String, turn: Int) = try (row["holder"], row["turn"])
            // A change of tables holds up the reading too, and the holder's counting: a wait for that says nothing.
            let hasWaited = asked.duration(to: .now) > .seconds(1)
            if seen.map({ $0 != found }) ?? true || hasWaited { (seen, since) = (found, .now) }
            if found.holder.isEmpty || since.duration(to: .now) > Self.silence {
                let taken = try connection.execute(
                    "UPDATE \(table) SET holder = ?, turn = turn + 1 WHERE slot = ? AND holder = ? AND turn = ?",
                    holder, ClusterLocks.schema, found.holder, found.turn)
                if taken == 1 { return }
            }
            guard Date() < deadline else { throw Self.taken(hosts.location) }
            Thread.sleep(forTimeInterval: 0.5)
        }
    }

    static func taken(_ location: MariaDBLocation) -> ClinicError {
        ClinicError(
            .databaseUnavailable,
            fault: "Another process changes the tables of \(location.name); wait until it is done.")
    }

    /// Counts the turn up on a thread and a connection of its own, since the other one is busy with the change.
    private final class Beat: Sendable {
        private let holder: String
        private let hosts: MariaDBHosts
        private let isEnding = Mutex(false)
        private let wake = DispatchSemaphore(value: 0)
        private let ended = DispatchSemaphore(value: 0)

        init(_ holder: String, _ hosts: MariaDBHosts) {
            (self.holder, self.hosts) = (holder, hosts)
        }

        func start() {
            let thread = Thread { [self] in
                mysql_thread_init()
                work()
                mysql_thread_end()
                ended.signal()
            }
            thread.name = "leukoscope.mariadb"
            thread.start()
        }

        /// Gives the lease back.
        func end() {
            isEnding.withLock { $0 = true }
            wake.signal()
            ended.wait()
        }

        private func work() {
            var link: MariaDBLink?
            while true {
                let isLast = isEnding.withLock { $0 }
                do {
                    let open = try link ?? MariaDBLink.open(hosts)
                    link = open
                    try open.connection.execute(
                        "UPDATE \(ClusterLocks.table) SET holder = ?, turn = turn + 1 WHERE slot = ? AND holder = ?",
                        isLast ? "" : holder, ClusterLocks.schema, holder)
                } catch {
                    // What it would say is known by the silence: whoever waits takes over.
                    link = nil
                }
                if isLast { return }
                _ = wake.wait(timeout: .now() + ClusterLease.beatSeconds)
            }
        }
    }
}
