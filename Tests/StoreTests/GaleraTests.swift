import Clinic
import Foundation
import ProcessFixtures
import Store
import Synchronization
import Testing

/// What is promised when two servers of Leukoscope write at two nodes of a Galera cluster at once, where a lock of one node
/// keeps out nobody at the other. The cluster is a real one, of `deploy/cluster`.
@Suite(.serialized, .timeLimit(.minutes(20))) struct GaleraTests {
    @Test func `tables are made once by three servers at three nodes, and each screening is leased once`() async throws
    {
        try await GaleraCluster.with(nodes: [0, 1, 2]) { databases in
            _ = try await racing(3) { try await databases[$0].migrate() }
            let steps = try await databases[1].reading { try $0.rows("SELECT number FROM schema_migrations", []).count }
            #expect(try await databases[2].schemaVersion() == steps)
            let user = User.sample()
            let smearCase = SmearCase.sample(of: user.id)
            try await databases[0].write { transaction in
                try transaction.insert(user)
                try transaction.insert(smearCase)
                for index in 0..<30 {
                    try transaction.add(.sample(in: smearCase.id, key: "k\(index)", at: moment(Double(index))))
                }
            }
            let claimed = try await racing(9) { worker in
                var own: [ScreeningID] = []
                while let next = try await databases[worker % 3].write({
                    try $0.claimScreening(worker: "w\(worker)", now: moment(100), leaseUntil: moment(160))
                }) {
                    own.append(next.id)
                }
                return own
            }.flatMap { $0 }
            // Beside the count, so that a failure tells whether one was leased twice, or to somebody who does not know it.
            let leases = try await databases[2].reading {
                try $0.rows("SELECT id FROM screenings WHERE worker_id IS NOT NULL AND state = 'running'", []).count
            }
            #expect(
                claimed.count == 30 && Set(claimed).count == 30,
                "\(leases) leases, \(claimed.count) handed out, \(Set(claimed).count) of them different")
            // What one server stored, another one sees in its next transaction.
            for number in 0..<10 {
                try await databases[number % 2].write { try $0.set("seen", to: "\(number)") }
                #expect(try await databases[(number + 1) % 2].read { try $0.setting("seen") } == "\(number)")
            }
        }
    }

    @Test func `a transaction that a node undoes while statements are prepared is done again as a whole`() async throws
    {
        try await GaleraCluster.with(nodes: [0, 1]) { databases in
            try await databases[0].migrate()
            try await databases[0].write { try $0.set("shared", to: "0") }
            // Undoes the transaction of each round once, at any point of it.
            let (begun, begins) = AsyncStream<Int>.makeStream()
            let other = Task {
                for await round in begun {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 1...40)))
                    try await databases[1].write { try $0.set("shared", to: "other \(round)") }
                }
            }
            defer { other.cancel() }
            let rounds = 150
            for round in 0..<rounds {
                begins.yield(round)
                try await databases[0].writing { connection in
                    _ = try connection.run("UPDATE settings SET value = ? WHERE name = 'shared'", [.text("\(round)")])
                    _ = try connection.run("INSERT INTO settings VALUES (?, '1')", [.text("first-\(round)")])
                    // Each is new to the server; to prepare one that joins takes the longest.
                    for _ in 0..<40 {
                        let (one, two) = (Int.random(in: 0..<1_000_000), Int.random(in: 0..<1_000_000))
                        _ = try connection.rows(
                            "SELECT a.value, \(one) FROM settings a JOIN settings b ON a.name = b.name WHERE a.name = '\(two)'",
                            [])
                    }
                    _ = try connection.run("INSERT INTO settings VALUES (?, '2')", [.text("last-\(round)")])
                }
            }
            begins.finish()
            try await other.value
            let halves = try await databases[1].reading { connection in
                try connection.rows(
                    "SELECT SUBSTR(name, INSTR(name, '-')) FROM settings WHERE name LIKE '%-%' GROUP BY 1 HAVING COUNT(*) <> 2",
                    [])
            }
            let stored = try await databases[1].reading { connection in
                try connection.rows("SELECT name FROM settings WHERE name LIKE 'last-%'", [])
            }
            #expect(halves.isEmpty && stored.count == rounds, "\(halves.count) of \(stored.count) are stored by halves")
        }
    }

    @Test func `what one server holds, no other changes meanwhile, and attempts at an account count together`()
        async throws
    {
        try await GaleraCluster.with(nodes: [0, 1]) { databases in
            try await databases[0].migrate()
            let account = User.sample("doctor@example.org", role: .clinician)
            let doctor = Doctor.sample(user: account.id)
            try await databases[0].write { transaction in
                try transaction.insert(account)
                try transaction.insert(doctor)
            }
            for round in 0..<8 {
                let taken = try await racing(4) { index in
                    try await databases[index % 2].write { transaction in
                        try transaction.lockBookings(of: doctor.id)
                        for other in 0..<4 {
                            if try transaction.setting("\(round)-\(other)") != nil { return false }
                        }
                        try transaction.set("\(round)-\(index)", to: "mine")
                        return true
                    }
                }
                #expect(taken.count { $0 } == 1)
            }
            let servers = databases.map { LoginAttempts(database: $0, key: [3]) { moment(0) } }
            let waits = try await racing(12) { try await servers[$0 % 2].wait("a@x.org", from: "10.0.0.1") }
            #expect(waits.count { $0 == nil } == 5)
            // Every one of these writes the head of the audit log.
            _ = try await racing(20) { index in
                try await databases[index % 2].write {
                    try $0.append(AuditEntry(.unknown("x.y"), by: .system, object: "\(index)", at: moment(0)))
                }
            }
            let proof = try await databases[0].verifyAudit()
            #expect(proof.firstBreak == nil && proof.entries == 20)
        }
    }

    @Test func `a server goes on at the next node of its list when the one it writes at is killed`() async throws {
        try await GaleraCluster.with(lists: [[2, 1, 0], [1]]) { databases in
            let (database, other) = (databases[0], databases[1])
            try await database.migrate()
            let writers = (0..<3).map { @Sendable writer in
                Task {
                    var (stored, unknown): ([String], Int) = ([], 0)
                    for index in 0... {
                        if Task.isCancelled { break }
                        let name = "\(writer)-\(index)"
                        do {
                            try await database.write { try $0.set(name, to: "x") }
                            stored.append(name)
                        } catch let error as ClinicError where error.code == .databaseUnavailable {
                            unknown += 1  // it was committing
                            try? await Task.sleep(for: .milliseconds(50))
                        }
                    }
                    return (stored, unknown)
                }
            }
            // Also where something below throws: they would go round for ever, and leave no thread to other tests.
            defer { for writer in writers { writer.cancel() } }
            try await Task.sleep(for: .seconds(1))
            try await GaleraCluster.shared.value.kill(2)
            let begun = ContinuousClock.now
            var isAnswered = false
            while !isAnswered, begun.duration(to: .now) < .seconds(300) {
                do {
                    try await database.write { try $0.set("after", to: "x") }
                    isAnswered = true
                } catch let error as ClinicError where error.code == .databaseUnavailable {
                    try await Task.sleep(for: .milliseconds(200))  // it may have been committing
                }
            }
            #expect(isAnswered)
            for writer in writers { writer.cancel() }
            var (stored, unknown): ([String], Int) = ([], 0)
            for writer in writers {
                let found = try await writer.value
                stored += found.0
                unknown += found.1
            }
            #expect(stored.count > 3 && unknown <= 6)
            let acknowledged = stored
            let missing = try await other.read { transaction in
                try acknowledged.count { try transaction.setting($0) == nil }
            }
            #expect(missing == 0)
        }
    }
}

/// Three nodes on loopback, which `deploy/cluster/galera.py` starts and, when its input ends with this process, stops.
private final class GaleraCluster: Sendable {
    static let shared = Task { () throws -> GaleraCluster in
        try await GaleraCluster()
    }
    private static let made = Mutex(0)

    private let urls: [String]
    private let program: StartedProgram

    private init() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-galera-\(UUID().uuidString)")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../deploy/cluster/galera.py").standardizedFileURL
        program = try StartedProgram(["python3", "-B", script.path, folder.path])
        var urls: [String] = []
        for _ in 0..<3 { urls.append(try await program.line()) }
        self.urls = urls
    }

    func kill(_ node: Int) throws {
        try program.write("kill \(node + 1)\n".utf8)
    }

    /// The URL of a database at several nodes, the first one liked best.
    private func url(_ nodes: [Int], _ name: String) -> String {
        let hosts = nodes.map { urls[$0].split(separator: "@")[1].split(separator: "/")[0] }.joined(separator: ",")
        return "\(urls[0].split(separator: "@")[0])@\(hosts)/\(name)"
    }

    static func with(nodes: [Int], _ body: ([MariaDBDatabase]) async throws -> Void) async throws {
        try await with(lists: nodes.map { [$0] }, body)
    }

    /// Gives a database of its own, as servers with these lists of nodes see it.
    static func with(lists: [[Int]], _ body: ([MariaDBDatabase]) async throws -> Void) async throws {
        let cluster = try await shared.value
        let name = made.withLock { number in
            number += 1
            return "leukoscope_\(number)"
        }
        let administration = try MariaDBDatabase(url: cluster.url([0], "leukoscope"), auditKey: [1], poolSize: 1)
        _ = try await administration.writing { try $0.run("CREATE DATABASE \(name) CHARACTER SET utf8mb4", []) }
        try await administration.close()
        let databases = try lists.map {
            try MariaDBDatabase(url: cluster.url($0, name), auditKey: TestedDatabase.key, poolSize: 3)
        }
        do { try await body(databases) } catch {
            for database in databases { try await database.close() }
            throw error
        }
        for database in databases { try await database.close() }
    }
}
