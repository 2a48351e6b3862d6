import Clinic
import Dispatch
import Foundation
import Store
import Synchronization
import Testing

@Suite struct TransactionTests {
    private struct Stop: Error {}

    @Test(arguments: TestedDatabase.allCases)
    func `what throws leaves nothing behind, after the databases' own errors too`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            await #expect(throws: Stop.self) {
                try await database.write { transaction in
                    try transaction.insert(user)
                    throw Stop()
                }
            }
            let stored = try await database.read { try $0.user(user.id) }
            #expect(stored == nil)
            let error = await #expect(throws: ClinicError.self) {
                try await database.write { transaction in
                    try transaction.insert(user)
                    try transaction.insert(SmearCase.sample(of: UserID()))
                }
            }
            #expect(error?.code == .notFound)
            let kept = try await database.read { try $0.user(user.id) }
            #expect(kept == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a NUL character is refused, and nothing of the work is stored`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            for name in ["\0", "a\0b"] {
                let error = await #expect(throws: ClinicError.self) {
                    try await database.write { transaction in
                        try transaction.insert(user)
                        try transaction.insert(SmearCase.sample(of: user.id, title: name))
                    }
                }
                #expect(error?.code == .invalid)
            }
            let error = await #expect(throws: ClinicError.self) {
                try await database.write {
                    try $0.append(AuditEntry(.unknown("x.y"), by: .system, detail: "\0", at: moment(0)))
                }
            }
            #expect(error?.code == .invalid)
            let kept = try await database.read { try $0.user(user.id) }
            #expect(kept == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a read sees one state from its beginning to its end`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (looked, hasLooked) = AsyncStream<Void>.makeStream()
            let written = DispatchSemaphore(value: 0)
            async let counts = database.read { transaction in
                let before = try transaction.countUsers(role: nil)
                hasLooked.yield()
                let waited = written.wait(timeout: .now() + 120)
                return (before, try transaction.countUsers(role: nil), waited)
            }
            for await _ in looked { break }
            try await database.write { try $0.insert(User.sample()) }
            written.signal()
            let found = try await counts
            #expect(found.0 == 0 && found.1 == 0 && found.2 == .success)
            #expect(try await database.read { try $0.countUsers(role: nil) } == 1)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a read cannot write`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            await #expect(throws: ClinicError.self) { try await database.read { try $0.insert(User.sample()) } }
            let count = try await database.read { try $0.countUsers(role: nil) }
            #expect(count == 0)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `work that is cancelled while it runs is still stored whole`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.write { try $0.insert(User.sample()) }
            }
            try await task.value
            #expect(try await database.read { try $0.countUsers(role: nil) } == 1)
        }
    }

    @Test func `crossed locks in MariaDB end with both works stored`() async throws {
        try await TestedDatabase.mariadb.with { database in
            let users = [User.sample("a@x.org"), .sample("b@x.org")]
            try await database.write { transaction in for user in users { try transaction.insert(user) } }
            let runs = Mutex(0)
            let holders = Mutex<Set<Int>>([])
            _ = try await racing(2) { index in
                try await database.write { transaction in
                    runs.withLock { $0 += 1 }
                    for position in [index, 1 - index] {
                        var user = users[position]
                        user.name = "by \(index)"
                        try transaction.update(user)
                        // Each has its first lock before either asks for the other's.
                        holders.withLock { _ = $0.insert(index) }
                        for _ in 0..<60_000 where holders.withLock({ $0.count }) < 2 {
                            Thread.sleep(forTimeInterval: 0.002)
                        }
                    }
                }
            }
            #expect(runs.withLock { $0 } >= 3)
            let names = try await database.read { transaction in
                try users.map { try transaction.user($0.id)?.name }
            }
            #expect(names[0] == names[1])
        }
    }

    @Test func `a log that a reader held up is emptied once the reader is gone`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            let (begun, hasBegun) = AsyncStream<Void>.makeStream()
            let end = DispatchSemaphore(value: 0)
            let reader = Task {
                try await database.reading { connection in
                    _ = try connection.rows("SELECT COUNT(*) FROM users", [])
                    hasBegun.yield()
                    end.wait()
                }
            }
            for await _ in begun { break }
            try await database.write { try $0.insert(User.sample(name: "Xolotl")) }
            #expect(try await !database.emptyLog())
            let log = place.directory.appending(path: "leukoscope.sqlite-wal").path
            func bytes() throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
            }
            #expect(try bytes() ?? 0 > 0)
            end.signal()
            try await reader.value
            for _ in 0..<1200 where try bytes() != 0 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try bytes() == 0)
            try await database.close()
        }
    }
}
