import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct UserAdministrationTests {
    private static let password = "three quiet herons"

    private struct Office: Sendable {
        let accounts: Accounts
        let database: SQLiteDatabase
        let first: User

        var administration: UserAdministration { UserAdministration(accounts: accounts) }

        func make(_ email: String, _ role: Role) async throws -> User {
            try await accounts.create(
                .init(email: email, name: "Anna Rao", password: UserAdministrationTests.password), role: role)
        }

        /// What an administrator gives to change something.
        func confirm(_ id: UserID, _ password: String = UserAdministrationTests.password) async throws
            -> Accounts.Confirmation
        {
            try await accounts.confirm(Reauthentication(password: password), of: id)
        }

        func user(_ id: UserID) async throws -> User? { try await database.read { try $0.user(id) } }

        func actions() async throws -> [String] {
            try await database.read { try $0.auditRecords(after: 0, limit: 1000).map(\.entry.action.name) }
        }
    }

    private static func withOffice(_ test: (Office) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-office-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = [UInt8](repeating: 3, count: 32)
        let database = try SQLiteDatabase(file: folder.appending(path: "test.sqlite"), auditKey: key)
        try await database.migrate()
        let accounts = Accounts(
            database: database, key: key,
            hasher: PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1)))
        let first = try await accounts.create(
            .init(email: "first@example.org", name: "First", password: password), role: .administrator)
        try await test(Office(accounts: accounts, database: database, first: first))
        try await database.close()
    }

    @Test
    func `a role is changed with the administrator's own password, and the sessions of the account end`() async throws {
        try await Self.withOffice { office in
            let user = try await office.make("anna@example.org", .patient)
            _ = try await office.accounts.logIn(email: user.email, password: Self.password, ending: nil)
            #expect(try await office.accounts.countSessions(of: user.id) == 1)
            try await office.administration.setRole(
                .clinician, of: user.id, by: office.confirm(office.first.id))
            #expect(try await office.user(user.id)?.role == .clinician)
            #expect(try await office.accounts.countSessions(of: user.id) == 0)
            #expect(try await office.actions().last == "user.role")
        }
    }

    @Test func `who is invited chooses a password by the link, once and within a week`() async throws {
        try await Self.withOffice { office in
            let confirmation = try await office.confirm(office.first.id)
            let (user, secret) = try await office.administration.invite(
                .init(email: " Anna@Example.org", name: "Anna", role: .clinician), by: confirmation)
            #expect(user.email == "anna@example.org" && user.role == .clinician)
            for guess in ["", "anna", secret.text] {
                guard case .refused = try await office.accounts.logIn(email: user.email, password: guess, ending: nil)
                else {
                    Issue.record("opened by \(guess)")
                    return
                }
            }
            try await office.accounts.resetPassword(secret, new: "five slow lanterns", endingTokens: true)
            let entered = try await office.accounts.logIn(
                email: user.email, password: "five slow lanterns", ending: nil)
            guard case .opened = entered else {
                Issue.record("\(entered)")
                return
            }
            await #expect(throws: ClinicError.self) {
                try await office.accounts.resetPassword(secret, new: "six slow lanterns", endingTokens: true)
            }
            let details = try await office.database.read {
                try $0.auditRecords(after: 0, limit: 100).map(\.entry).filter { $0.object == user.id.text }
            }
            #expect(details.first?.actor == .user(office.first.id))
            #expect(details.first?.detail == "role=clinician invited")
        }
    }

    @Test func `nobody is invited twice, by a wrong address, or by who is no administrator`() async throws {
        try await Self.withOffice { office in
            let confirmation = try await office.confirm(office.first.id)
            let taken = await #expect(throws: ClinicError.self) {
                _ = try await office.administration.invite(
                    .init(email: office.first.email, name: "Anna", role: .patient), by: confirmation)
            }
            #expect(taken?.code == .duplicate && taken?.field == "email")
            for (email, name, field) in [("nobody", "Anna", "email"), ("a@example.org", "", "name")] {
                let error = await #expect(throws: ClinicError.self) {
                    _ = try await office.administration.invite(
                        .init(email: email, name: name, role: .patient), by: confirmation)
                }
                #expect(error?.field == field)
            }
            let patient = try await office.make("p@example.org", .patient)
            let weak = try await office.confirm(patient.id)
            await #expect(throws: ClinicError.self) {
                _ = try await office.administration.invite(
                    .init(email: "b@example.org", name: "B", role: .administrator), by: weak)
            }
            await #expect(throws: ClinicError.self) {
                _ = try await office.administration.offerReset(of: office.first.id, by: weak)
            }
            await #expect(throws: ClinicError.self) {
                _ = try await office.administration.removeFactor(of: office.first.id, by: weak)
            }
            #expect(try await office.database.read { try $0.countUsers(role: nil) } == 2)
        }
    }

    @Test func `an administrator's link leaves the old password until it is used, and a disabled account has none`()
        async throws
    {
        try await Self.withOffice { office in
            let user = try await office.make("anna@example.org", .patient)
            let (_, secret) = try await office.administration.offerReset(
                of: user.id, by: office.confirm(office.first.id))
            guard
                case .opened = try await office.accounts.logIn(
                    email: user.email, password: Self.password, ending: nil)
            else {
                Issue.record("the old password ended too early")
                return
            }
            try await office.accounts.resetPassword(secret, new: "five slow lanterns", endingTokens: false)
            #expect(try await office.accounts.countSessions(of: user.id) == 0)
            try await office.administration.disable(user.id, by: office.confirm(office.first.id))
            let error = await #expect(throws: ClinicError.self) {
                _ = try await office.administration.offerReset(of: user.id, by: office.confirm(office.first.id))
            }
            #expect(error?.field == "state")
        }
    }

    @Test func `a lost second factor is turned off, the sessions end, and the log says who did it`() async throws {
        try await Self.withOffice { office in
            var user = try await office.make("anna@example.org", .patient)
            let none = await #expect(throws: ClinicError.self) {
                _ = try await office.administration.removeFactor(of: user.id, by: office.confirm(office.first.id))
            }
            #expect(none?.field == "state")
            _ = try await office.accounts.logIn(email: user.email, password: Self.password, ending: nil)
            user.totpSecret = "sealed"
            let changed = user
            try await office.database.write { try $0.update(changed) }
            let freed = try await office.administration.removeFactor(
                of: user.id, by: office.confirm(office.first.id))
            #expect(freed.totpSecret == nil)
            #expect(try await office.user(user.id)?.totpSecret == nil)
            #expect(try await office.accounts.countSessions(of: user.id) == 0)
            let last = try await office.database.read { try $0.auditRecords(after: 0, limit: 100).last?.entry }
            #expect(last?.actor == .user(office.first.id) && last?.detail == "second-factor=off")
        }
    }

    @Test
    func `without the right password, or by who is no administrator, nothing changes but the log of failures`()
        async throws
    {
        try await Self.withOffice { office in
            let user = try await office.make("anna@example.org", .patient)
            let before = try await office.actions()
            for password in ["wrong", ""] {
                let error = await #expect(throws: ClinicError.self) {
                    try await office.confirm(office.first.id, password)
                }
                #expect(error?.field == "password")
            }
            let failures = Array(repeating: "user.confirm-failed", count: 2)
            #expect(try await office.actions() == before + failures)
            let patient = try await office.confirm(user.id)
            await #expect(throws: ClinicError.self) {
                try await office.administration.setRole(.administrator, of: user.id, by: patient)
            }
            await #expect(throws: ClinicError.self) {
                try await office.administration.disable(user.id, by: patient)
            }
            let after = try #require(try await office.user(user.id))
            #expect(after.role == .patient && !after.isDisabled)
            #expect(try await office.actions() == before + failures)
        }
    }

    @Test func `the last administrator who can log in is neither demoted, disabled nor deleted`() async throws {
        try await Self.withOffice { office in
            let disabled = try await office.make("old@example.org", .administrator)
            try await office.administration.disable(disabled.id, by: office.confirm(office.first.id))
            let last = office.first.id
            for change in [
                { try await office.administration.setRole(.patient, of: last, by: office.confirm(last)) },
                { try await office.administration.disable(last, by: office.confirm(last)) },
                { _ = try await office.accounts.delete(for: office.confirm(last)) },
            ] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: ClinicError.self) { try await change() }
                #expect(
                    ["errors.accounts.lastAdministrator", "errors.accounts.youAreLast"].contains(error?.message.key))
            }
            let after = try #require(try await office.user(last))
            #expect(after.role == .administrator && !after.isDisabled)
            #expect(try await office.administration.overview(of: last, by: last).isLastAdministrator)
            // With another one, an administrator may leave.
            try await office.administration.enable(disabled.id, by: office.confirm(last))
            _ = try await office.accounts.delete(for: office.confirm(last))
            #expect(try await office.user(last) == nil)
        }
    }

    @Test func `nobody takes their own rights away`() async throws {
        try await Self.withOffice { office in
            _ = try await office.make("second@example.org", .administrator)
            let own = office.first.id
            await #expect(throws: ClinicError.self) {
                try await office.administration.setRole(.patient, of: own, by: office.confirm(own))
            }
            await #expect(throws: ClinicError.self) {
                try await office.administration.disable(own, by: office.confirm(own))
            }
            #expect(try await office.user(own)?.role == .administrator)
        }
    }

    @Test func `of two administrators who demote each other at once, one stays`() async throws {
        try await Self.withOffice { office in
            let second = try await office.make("second@example.org", .administrator)
            for _ in 0..<5 {
                async let one: Void = office.administration.setRole(
                    .clinician, of: second.id, by: office.confirm(office.first.id))
                async let other: Void = office.administration.setRole(
                    .clinician, of: office.first.id, by: office.confirm(second.id))
                let results = [(try? await one) != nil, (try? await other) != nil]
                #expect(results.filter { $0 }.count == 1)
                let left = try await office.database.read {
                    try $0.users(search: "", role: .administrator, limit: 9, offset: 0)
                }
                #expect(left.count == 1)
                let winner = try #require(left.first)
                let loser = winner.id == second.id ? office.first.id : second.id
                try await office.administration.setRole(
                    .administrator, of: loser, by: office.confirm(winner.id))
            }
        }
    }

    @Test func `a disabled account logs nobody in, and does again once it is open`() async throws {
        try await Self.withOffice { office in
            let user = try await office.make("anna@example.org", .patient)
            try await office.administration.disable(user.id, by: office.confirm(office.first.id))
            let refused = try await office.accounts.logIn(email: user.email, password: Self.password, ending: nil)
            #expect(refused == .disabled)
            let guessed = try await office.accounts.logIn(email: user.email, password: "wrong", ending: nil)
            #expect(guessed == .refused, "only who knows the password is told")
            try await office.administration.enable(user.id, by: office.confirm(office.first.id))
            guard
                case .opened = try await office.accounts.logIn(
                    email: user.email, password: Self.password, ending: nil)
            else {
                Issue.record("not logged in")
                return
            }
            let ended = try await office.administration.signOut(user.id, by: office.first.id, endingTokens: false)
            #expect(ended == (1, 0))
            #expect(try await office.actions().suffix(4).contains("user.logout"))
        }
    }
}
