import Casework
import Clinic
import Foundation
import Store
import Synchronization
import Testing

@Suite struct RetentionSweepTests {
    /// A clock that is set, and a sweep that goes by it.
    private struct Setting: Sendable {
        let fixture: CaseworkFixture
        let time: Time
        let policy: RetentionPolicy

        final class Time: Sendable {
            private let value: Mutex<Date>
            init(_ start: Date) { value = Mutex(start) }
            var now: Date { value.withLock { $0 } }
            func advance(days: Double) { value.withLock { $0 += days * 86_400 } }
        }

        init(_ fixture: CaseworkFixture, _ policy: RetentionPolicy) {
            (self.fixture, self.policy) = (fixture, policy)
            time = Time(Date())
        }

        @discardableResult
        func round(_ other: RetentionPolicy? = nil) async throws -> RetentionSweep.Tally {
            try await RetentionSweep(
                database: fixture.database, archive: fixture.archive, policy: other ?? policy,
                clock: { [time] in time.now }
            ).round()
        }

        /// Lets days pass. The last 41 of them it looks every six hours, as a server does that runs.
        func run(days: Double) async throws -> RetentionSweep.Tally {
            var sum = RetentionSweep.Tally()
            let watched = min(days, 41)
            time.advance(days: days - watched)
            for _ in 0..<Int(watched * 4) {
                time.advance(days: 0.25)
                let tally = try await round()
                sum.announced += tally.announced
                sum.withdrawn += tally.withdrawn
                sum.removed += tally.removed
                sum.cut += tally.cut
            }
            return sum
        }

        /// As `NoticeService` does where the mail server takes every letter.
        func sendLetters() async throws -> [Notice] {
            try await fixture.database.write { transaction in
                let due = try transaction.dueLetters(limit: 100)
                for notice in due where try transaction.claimLetter(notice.id) {
                    try transaction.confirmLetter(notice.id)
                }
                return due
            }
        }

        func notices() async throws -> [Notice.Kind] {
            try await fixture.database.read { [fixture] in
                try $0.unseenNotices(of: fixture.owner.id, limit: 9).map(\.kind)
            }
        }

        func isCaseThere() async throws -> Bool {
            try await fixture.database.read { [fixture] in try $0.smearCase(fixture.caseID) != nil }
        }
    }

    private func principal(_ user: User) -> Principal {
        Principal(
            user: user,
            means: .session(
                LoginSession(
                    digest: "", userID: user.id, createdAt: .distantPast, lastSeenAt: .distantPast,
                    expiresAt: .distantFuture)))
    }

    @Test func `a case goes with its files only after a letter, thirty days, and no use`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(2)
            let setting = Setting(fixture, try RetentionPolicy(caseDays: 90))
            try await fixture.archive.store([1], at: "screenings/\(try await fixture.screenings()[0].id)/heat.png")
            #expect(try await setting.run(days: 59.5).announced == 0)
            #expect(try await setting.run(days: 1).announced == 1)
            #expect(try await setting.notices() == [.caseEnding])
            // The mail server takes nothing: then nobody was told, and nothing goes.
            #expect(try await setting.run(days: 40).removed == 0)
            #expect(try await setting.sendLetters().map(\.caseID) == [fixture.caseID])
            #expect(try await setting.isCaseThere())
            #expect(try await setting.run(days: 1).removed == 1)
            #expect(try await !setting.isCaseThere())
            #expect(try await fixture.files() == [])
            let entries = try await fixture.database.read { try $0.auditRecords(after: 0, limit: 1000).map(\.entry) }
            #expect(entries.contains { $0.action == .privacy(.announce) && $0.object == fixture.caseID.text })
            #expect(
                entries.contains {
                    $0.action == .smearCase(.delete) && $0.actor == .system && $0.detail == "unused days=90"
                })
            #expect(try await fixture.database.read { try $0.erasures().map(\.id) } == [fixture.caseID.text])
            #expect(try await fixture.database.verifyAudit().firstBreak == nil)
        }
    }

    @Test func `who opens the case keeps it, and the line is gone`() async throws {
        try await CaseworkFixture.run { fixture in
            let setting = Setting(fixture, try RetentionPolicy(caseDays: 90))
            _ = try await setting.run(days: 61)
            _ = try await setting.sendLetters()
            #expect(try await setting.notices() == [.caseEnding])
            let cases = Cases(database: fixture.database, clock: { [time = setting.time] in time.now })
            // What a page follows by itself is no use.
            _ = try await cases.contents(of: fixture.caseID, for: principal(fixture.owner), .caseRead(.status))
            #expect(try await setting.notices() == [.caseEnding])
            _ = try await cases.contents(of: fixture.caseID, for: principal(fixture.owner))
            #expect(try await setting.notices() == [])
            let after = try await setting.run(days: 40)
            #expect(after.withdrawn == 1 && after.removed == 0)
            #expect(try await setting.isCaseThere())
        }
    }

    @Test func `an account goes with everything, an administrator's never, and a login keeps it`() async throws {
        try await CaseworkFixture.run { fixture in
            let setting = Setting(fixture, try RetentionPolicy(accountDays: 365))
            let administrator = User(
                email: "admin@example.org", name: "Admin", role: .administrator, passwordHash: "none",
                createdAt: setting.time.now)
            let other = User(
                email: "other@example.org", name: "Other", role: .clinician, passwordHash: "none",
                createdAt: setting.time.now)
            try await fixture.database.write { transaction in
                try transaction.insert(administrator)
                try transaction.insert(other)
            }
            // Years pass while the server is off: that alone lets nothing go.
            setting.time.advance(days: 336)
            #expect(try await setting.round() == RetentionSweep.Tally())
            #expect(try await setting.run(days: 4).announced == 2)
            #expect(try await setting.notices() == [.accountEnding])
            #expect(Set(try await setting.sendLetters().map(\.userID)) == [fixture.owner.id, other.id])
            let login = LoginSession(
                digest: String(repeating: "d", count: 64), userID: other.id, createdAt: setting.time.now,
                lastSeenAt: setting.time.now, expiresAt: setting.time.now + 3600)
            try await fixture.database.write { try $0.insert(login) }
            let after = try await setting.run(days: 31)
            #expect(after.withdrawn == 1 && after.removed == 1)
            let left = try await fixture.database.read { try $0.users(search: "", role: nil, limit: 9, offset: 0) }
            #expect(Set(left.map(\.id)) == [administrator.id, other.id])
            #expect(try await !setting.isCaseThere())
        }
    }

    @Test func `a clock that leaps, or goes back, lets nothing go for three days`() async throws {
        try await CaseworkFixture.run { fixture in
            let setting = Setting(fixture, try RetentionPolicy(caseDays: 90))
            _ = try await setting.run(days: 61)
            _ = try await setting.sendLetters()
            setting.time.advance(days: 3650)
            #expect(try await setting.round() == RetentionSweep.Tally())
            #expect(try await setting.run(days: 2.75) == RetentionSweep.Tally())
            setting.time.advance(days: -3652.75)
            #expect(try await setting.round() == RetentionSweep.Tally())
            #expect(try await setting.run(days: 2.75) == RetentionSweep.Tally())
            #expect(try await setting.isCaseThere())
        }
    }

    /// The same for a database of weeks ago that was brought back: whoever used what is theirs since is not in it.
    @Test func `time in which nobody looked is given anew to who was told`() async throws {
        try await CaseworkFixture.run { fixture in
            let setting = Setting(fixture, try RetentionPolicy(caseDays: 90))
            _ = try await setting.run(days: 61)
            _ = try await setting.sendLetters()
            setting.time.advance(days: 29)
            #expect(try await setting.run(days: 28).removed == 0)
            #expect(try await setting.isCaseThere())
            #expect(try await setting.run(days: 4).removed == 1)
        }
    }

    @Test func `without a period nothing is announced, and what was is taken back`() async throws {
        try await CaseworkFixture.run { fixture in
            let setting = Setting(fixture, try RetentionPolicy(caseDays: 90))
            _ = try await setting.run(days: 61)
            _ = try await setting.sendLetters()
            let none = try RetentionPolicy()
            #expect(try await setting.round(none).withdrawn == 1)
            #expect(try await setting.notices() == [])
            for _ in 0..<160 {
                setting.time.advance(days: 0.25)
                #expect(try await setting.round(none) == RetentionSweep.Tally())
            }
            #expect(try await setting.isCaseThere())
        }
    }

    @Test func `old entries of the audit log go and the rest still verifies`() async throws {
        try await CaseworkFixture.run { fixture in
            let setting = Setting(fixture, try RetentionPolicy(auditDays: 365))
            try await fixture.add(3)
            let before = try await fixture.database.verifyAudit().entries
            #expect(before >= 3)
            #expect(try await setting.run(days: 5).cut == 0)
            setting.time.advance(days: 365)
            #expect(try await setting.run(days: 4.25).cut == Int(before))
            let proof = try await fixture.database.verifyAudit()
            #expect(proof.firstBreak == nil && proof.entries == before + 2)
            // The last entry of all stays until another follows it.
            #expect(try await fixture.actions() == ["privacy.cut", "privacy.cut"])
        }
    }
}
