import Clinic
import Foundation
import Store
import Synchronization
import Testing

@Suite struct AttemptRowsTests {
    private static let secret: [UInt8] = Array(repeating: 3, count: 32)

    @Test(arguments: TestedDatabase.allCases)
    func `two servers count the attempts at an account together, however they come at once`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let databases = [try place.open(), try place.open()]
            try await databases[0].migrate()
            let servers = databases.map { LoginAttempts(database: $0, key: Self.secret) { moment(0) } }
            let waits = try await racing(12) { try await servers[$0 % 2].wait("a@x.org", from: "10.0.0.1") }
            #expect(waits.count { $0 == nil } == 5)
            #expect(waits.compactMap { $0 }.allSatisfy { $0 == 30 }, "\(waits)")
            // Another writing of the address is the same account, another network counts for itself.
            #expect(try await servers[1].wait("A@X.org", from: "10.0.0.1") == 30)
            #expect(try await servers[1].wait("a@x.org", from: "10.0.0.2") == nil)
            try await servers[0].succeeded("a@x.org", from: "10.0.0.1")
            #expect(try await servers[1].wait("a@x.org", from: "10.0.0.1") == nil)
            for database in databases { try await database.close() }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `all networks together have thirty attempts, which come back one a minute, and nothing stays`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let clock = Mutex(moment(0))
            let attempts = LoginAttempts(database: database, key: Self.secret) { clock.withLock { $0 } }
            for network in 0..<30 { #expect(try await attempts.wait("a@x.org", from: "net \(network)") == nil) }
            #expect(try await attempts.wait("a@x.org", from: "net 30") == 60)
            clock.withLock { $0 = moment(60) }
            #expect(try await attempts.wait("a@x.org", from: "net 31") == nil)
            #expect(try await attempts.wait("a@x.org", from: "net 32") == 60)
            clock.withLock { $0 = moment(60 + 3601) }
            #expect(try await attempts.wait("b@x.org", from: "net 0") == nil)
            let rows = try await database.reading { try $0.rows("SELECT key_digest FROM login_attempts", []).count }
            #expect(rows == 2, "those of the one account and its network")
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a clock in the future takes no attempts for long, and old rows go a thousand at a time`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let clock = Mutex(moment(86_400))
            let attempts = LoginAttempts(database: database, key: Self.secret) { clock.withLock { $0 } }
            for _ in 0..<5 { #expect(try await attempts.wait("a@x.org", from: "net") == nil) }
            clock.withLock { $0 = moment(0) }
            #expect(try await attempts.wait("a@x.org", from: "net") == 30)
            // A minute until its time is passed, then as always.
            clock.withLock { $0 = moment(91) }
            #expect(try await attempts.wait("a@x.org", from: "net") == nil)
            try await database.write { transaction in
                for number in 0..<1002 {
                    let key = String(repeating: "0", count: 60) + String(number + 1000)
                    _ = try transaction.heldAttempts(key, orElse: AttemptsLeft(1, at: moment(Double(number))))
                }
            }
            func keys() async throws -> Int {
                try await database.reading { try $0.rows("SELECT key_digest FROM login_attempts", []).count }
            }
            #expect(try await keys() == 1004)
            try await database.write { try $0.forgetAttempts(before: moment(5000)) }
            #expect(try await keys() == 4)
            try await database.write { try $0.forgetAttempts(before: moment(5000)) }
            #expect(try await keys() == 0)
        }
    }
}
