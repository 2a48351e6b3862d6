import Clinic
import Findings
import Foundation
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct MariaDBResilienceTests {
    @Test func `after kill -9 and a restart, what was acknowledged is there and the pool goes on`() async throws {
        let server = try await MariaDBServer()
        defer { server.remove() }
        try await server.start()
        let administration = try MariaDBDatabase(url: server.url("mysql"), auditKey: [1], poolSize: 1)
        try await administration.migrating { try $0.run("CREATE DATABASE clinic", []) }
        try await administration.close()
        let database = try MariaDBDatabase(url: server.url("clinic"), auditKey: TestedDatabase.key, poolSize: 4)
        try await database.migrate()
        for round in 0..<2 {
            // Writers at work in the moment of the crash; each counts what was acknowledged.
            let progress = Progress()
            let writers = (0..<4).map { @Sendable writer in
                Task {
                    var acknowledged: [UserID] = []
                    do {
                        for index in 0..<100_000 {
                            let user = User.sample("\(round)-\(writer)-\(index)@x.org")
                            try await database.write { transaction in
                                try transaction.insert(user)
                                try transaction.append(
                                    AuditEntry(.user(.register), by: .system, object: user.id.text, at: moment(0)))
                            }
                            acknowledged.append(user.id)
                            progress.acknowledged.withLock { $0[writer] += 1 }
                            if Task.isCancelled { break }
                        }
                    } catch let error as ClinicError where error.code == .databaseUnavailable {
                        // Not acknowledged: the commit was under way.
                    }
                    return acknowledged
                }
            }
            defer { for writer in writers { writer.cancel() } }
            try await Self.wait { progress.acknowledged.withLock { $0.allSatisfy { $0 >= 5 } } }
            server.kill()
            let before = progress.acknowledged.withLock { $0.reduce(0, +) }
            try await server.start()
            // The pool has found the server again when this is answered.
            try await database.write { try $0.append(AuditEntry(.unknown("x.y"), by: .system, at: moment(0))) }
            var acknowledged: [UserID] = []
            for writer in writers {
                writer.cancel()
                acknowledged += try await writer.value
            }
            #expect(before >= 20 && acknowledged.count >= before)
            let wanted = acknowledged
            let missing = try await database.read { transaction in
                try wanted.count { try transaction.user($0) == nil }
            }
            #expect(missing == 0)
            #expect(try await database.verifyAudit().firstBreak == nil)
        }
        try await database.close()
    }

    /// Waits until something holds, for at most five minutes.
    private static func wait(until holds: () -> Bool) async throws {
        for _ in 0..<60_000 where !holds() { try await Task.sleep(for: .milliseconds(5)) }
        try #require(holds(), "it did not come within five minutes")
    }

    @Test func `a server that is not there is told with its host and port`() async throws {
        let database = try MariaDBDatabase(url: "mysql://u:secret@127.0.0.1:1/clinic", auditKey: [1], poolSize: 1)
        let error = await #expect(throws: ClinicError.self) { try await database.migrate() }
        #expect(error?.code == .databaseUnavailable)
        #expect(error?.description.contains("127.0.0.1:1") == true && error?.description.contains("secret") == false)
        try await database.close()
        let closed = await #expect(throws: ClinicError.self) { try await database.schemaVersion() }
        #expect(closed?.code == .databaseUnavailable)
    }

    @Test func `a missing database and a wrong password come with advice`() async throws {
        let server = try await MariaDBServer.shared.value
        for (url, words) in [
            (server.url("nowhere"), "CREATE DATABASE nowhere"),
            (server.url("mysql").replacing("root@", with: "root:p%40ss%2F@"), "Check user and password"),
            (server.url("mysql") + "?tls=required", "tls"),
        ] {
            let database = try MariaDBDatabase(url: url, auditKey: [1], poolSize: 1)
            let error = await #expect(throws: ClinicError.self) { try await database.schemaVersion() }
            #expect(
                error?.code == .databaseUnavailable && error?.description.contains(words) == true,
                "\(String(describing: error))")
            try await database.close()
        }
    }

    @Test func `a binary log that cannot hold the rows is told with what to set, and then writes go on`() async throws {
        let server = try await MariaDBServer()
        defer { server.remove() }
        try await server.start(["--log-bin", "--server-id=1", "--binlog-format=STATEMENT"])
        let administration = try MariaDBDatabase(url: server.url("mysql"), auditKey: [1], poolSize: 1)
        try await administration.migrating { try $0.run("CREATE DATABASE clinic", []) }
        let database = try MariaDBDatabase(url: server.url("clinic"), auditKey: TestedDatabase.key, poolSize: 1)
        let error = await #expect(throws: ClinicError.self) {
            try await database.migrate()
            try await database.write { try $0.insert(User.sample()) }
        }
        #expect(error?.description.contains("binlog_format") == true, "\(String(describing: error))")
        try await database.close()
        _ = try await administration.writing { try $0.run("SET GLOBAL binlog_format = 'ROW'", []) }
        try await administration.close()
        let again = try MariaDBDatabase(url: server.url("clinic"), auditKey: TestedDatabase.key, poolSize: 1)
        try await again.migrate()
        try await again.write { try $0.insert(User.sample()) }
        try await again.close()
    }

    @Test(arguments: [
        "postgres://u@h/d", "mysql://h/d", "mysql://u@h", "mysql://u@h/d/e", "mysql://u@h/d?tls=maybe",
        "mysql://u@h/d?x=1", "", "mysql://", "mysql://u@h,/d", "mysql://u@h:1,h:1/d", "mysql://u@h,i/j/d",
        "mysql://u@h:0/d", "mysql://u@h,i:70000/d", "mysql://u@h,i/d?socket=/s",
    ])
    func `a URL that cannot be used is refused with its form`(_ url: String) {
        let error = #expect(throws: ClinicError.self) { try MariaDBDatabase(url: url, auditKey: [1]) }
        #expect(error?.code == .invalid && error?.field == "database")
    }

    @Test func `of several hosts the first that answers is used, and all are told`() async throws {
        let named = try MariaDBDatabase(url: "mysql://u:secret@h,[::1]:3307,i:3308/d", auditKey: [1], poolSize: 1)
        #expect(named.name == "h:3306,::1:3307,i:3308/d")
        try await named.close()
        let server = try await MariaDBServer.shared.value
        let hosts = "127.0.0.1:1,127.0.0.1:\(server.port)"
        let database = try MariaDBDatabase(url: "mysql://root@\(hosts)/mysql", auditKey: [1], poolSize: 2)
        for _ in 0..<4 { #expect(try await database.reading { try $0.rows("SELECT 1", []).count } == 1) }
        try await database.close()
        let nobody = try MariaDBDatabase(url: "mysql://u@127.0.0.1:1,127.0.0.1:2/d", auditKey: [1], poolSize: 1)
        let error = await #expect(throws: ClinicError.self) { try await nobody.schemaVersion() }
        #expect(error?.description.contains("127.0.0.1:1,127.0.0.1:2/d does not answer") == true)
        try await nobody.close()
        // A node that is down may have no name either: that is no reason not to wait for the others.
        let unnamed = "mysql://u@\(String(repeating: "a", count: 70)):1,127.0.0.1:2/d"
        let lost = try MariaDBDatabase(url: unnamed, auditKey: [1], poolSize: 1)
        let unanswered = await #expect(throws: ClinicError.self) { try await lost.schemaVersion() }
        #expect(unanswered?.description.contains("does not answer") == true)
        try await lost.close()
    }

    /// What each writer was told that it stored.
    private final class Progress: Sendable {
        let acknowledged = Mutex([Int](repeating: 0, count: 4))
    }
}
