import Clinic
import Dispatch
import Foundation
import Store
import Testing

@Suite struct AccountsTests {
    private static let password = "three quiet herons"

    private func withAccounts(_ test: (Accounts, SQLiteDatabase) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-clinic-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = [UInt8](repeating: 3, count: 32)
        let database = try SQLiteDatabase(file: folder.appending(path: "test.sqlite"), auditKey: key)
        try await database.migrate()
        let hasher = PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1))
        try await test(Accounts(database: database, key: key, hasher: hasher), database)
        try await database.close()
    }

    private func registration(_ email: String) -> Accounts.Registration {
        .init(
            email: email, name: "Anna", password: Self.password,
            consent: ConsentText(language: "en", words: "The notice of the tests."))
    }

    @Test func `hashes anew when the parameters have changed`() async throws {
        try await withAccounts { accounts, database in
            let user = try await accounts.create(registration("anna@example.org"), role: .patient)
            let costlier = Accounts(
                database: database, key: [1],
                hasher: PasswordHasher(cost: .init(memory: 16, passes: 2, lanes: 1)))
            let outcome = try await costlier.logIn(email: user.email, password: Self.password, ending: nil)
            guard case .opened = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let renewed = try #require(try await database.read { try $0.user(user.id) })
            #expect(renewed.passwordHash.hasPrefix("$argon2id$v=19$m=16,t=2,p=1$"))
        }
    }

    @Test func `an older account whose address and password were taken apart opens, and is hashed anew`() async throws {
        try await withAccounts { accounts, database in
            let older = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$Oi9YSchs8lu9voLESPOJssTJfVvG6P+TKcHj88ERl9s"
            let user = User(
                email: "rene\u{301}@example.org", name: "René", role: .patient, passwordHash: older, createdAt: Date())
            try await database.write { try $0.insert(user) }
            let (email, password) = ("ren\u{E9}@example.org", "trois h\u{E9}rons calmes")
            for _ in 0..<2 {
                guard case .opened = try await accounts.logIn(email: email, password: password, ending: nil) else {
                    Issue.record("not opened")
                    return
                }
            }
            let renewed = try #require(try await database.read { try $0.user(user.id) }).passwordHash
            #expect(renewed != older)
            let hasher = PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1))
            #expect(try await hasher.match(password, against: renewed) == .password)
        }
    }

    @Test func `makes one administrator of many who use the link at once`() async throws {
        try await withAccounts { accounts, database in
            let secret = try #require(try await accounts.offerAdministratorSetup())
            let made = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        (try? await accounts.setUpAdministrator(secret, registration("a\(number)@example.org"))) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
            #expect(try await database.read { try $0.countUsers(role: nil) } == 1)
        }
    }

    @Test func `gives one account to one of two with the same address`() async throws {
        try await withAccounts { accounts, _ in
            _ = try await accounts.register(registration("anna@example.org"))
            await #expect { _ = try await accounts.register(registration("ANNA@example.org")) } throws: {
                ($0 as? ClinicError)?.code == .duplicate
            }
        }
    }

    @Test func `a reset link ends after half an hour`() async throws {
        try await withAccounts { accounts, database in
            let user = try await accounts.create(registration("anna@example.org"), role: .patient)
            let (_, secret) = try #require(try await accounts.offerReset(email: user.email, by: .system))
            #expect(try await accounts.isResetOpen(secret))
            let later = Accounts(database: database, key: [1], clock: { Date().addingTimeInterval(1801) })
            #expect(try await !later.isResetOpen(secret))
            await #expect {
                try await later.resetPassword(secret, new: "seven green bicycles", endingTokens: false)
            } throws: {
                ($0 as? ClinicError)?.code == .notFound
            }
            #expect(try await accounts.offerReset(email: "nobody@example.org", by: .system) == nil)
        }
    }

    @Test func `keeps the language that somebody chose, and notes a change once`() async throws {
        try await withAccounts { accounts, database in
            let opened = try await accounts.register(registration("anna@example.org"))
            #expect(opened.user.language == nil)
            for language in ["ta", "ta", "hi"] { try await accounts.setLanguage(language, of: opened.user.id) }
            #expect(try await accounts.session(opened.secret)?.user.language == "hi")
            let details = try await database.read {
                try $0.auditRecords(after: 0, limit: 20).map(\.entry.detail).filter { $0.hasPrefix("language=") }
            }
            #expect(details == ["language=ta", "language=hi"])
            let unknown = await #expect(throws: ClinicError.self) {
                try await accounts.setLanguage("ta", of: UserID())
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test func `writes every event of an account into the audit log without personal data`() async throws {
        try await withAccounts { accounts, database in
            let opened = try await accounts.register(registration("anna@example.org"))
            _ = try await accounts.logIn(email: "anna@example.org", password: "wrong password", ending: nil)
            _ = try await accounts.logIn(email: "nobody@example.org", password: "wrong password", ending: nil)
            _ = try await accounts.logIn(email: "anna@example.org", password: Self.password, ending: nil)
            let right = Reauthentication(password: Self.password)
            let terms = try APIToken.Terms(label: "Annas scanner", scopes: [.read])
            let token = try await accounts.makeAPIToken(terms, for: accounts.confirm(right, of: opened.user.id))
            let made = try #require(try await accounts.apiTokens(of: opened.user.id).first)
            guard case .opens(let known) = try await accounts.bearer(token) else {
                Issue.record("the token opens nothing")
                return
            }
            #expect(known.user.id == opened.user.id && known.token.id == made.id)
            try await accounts.revokeAPIToken(made.id, of: opened.user.id, by: .system)
            try await accounts.updateProfile(of: opened.user.id, name: "Anna B", place: nil)
            let ended = try await accounts.logOutEverywhere(opened.user.id, endingTokens: false)
            #expect(ended == (2, 0))
            try await accounts.noteExport(of: opened.user.id)
            await #expect(throws: ClinicError.self) {
                _ = try await accounts.confirm(Reauthentication(password: "wrong password"), of: opened.user.id)
            }
            let confirmation = try await accounts.confirm(right, of: opened.user.id)
            #expect(try await accounts.delete(for: confirmation).archiveKeys.isEmpty)
            let records = try await database.read { try $0.auditRecords(after: 0, limit: 100) }
            #expect(
                records.map(\.entry.action.name) == [
                    "user.register", "consent.give", "user.login-failed", "user.login-failed", "user.login",
                    "token.create",
                    "token.revoke", "user.update", "user.logout", "user.export", "user.confirm-failed",
                    "user.delete",
                ])
            let text = "\(records)"
            for secret in ["Anna", "anna", "example.org", "scanner", token.text, Self.password] {
                #expect(!text.contains(secret))
            }
        }
    }

    @Test func `lets the owner and administrators read a case and only the owner change it`() async throws {
        try await withAccounts { accounts, database in
            let owner = try await accounts.create(registration("owner@example.org"), role: .patient)
            let patient = try await accounts.create(registration("patient@example.org"), role: .patient)
            let clinician = try await accounts.create(registration("clinician@example.org"), role: .clinician)
            let administrator = try await accounts.create(registration("admin@example.org"), role: .administrator)
            let smearCase = SmearCase(ownerID: owner.id, title: "Sample", createdAt: Date(), updatedAt: Date())
            try await database.write { try $0.insert(smearCase) }
            for (user, reads, owns) in [
                (owner, true, true), (patient, false, false), (clinician, false, false), (administrator, true, false),
            ] {
                let seen = try await database.read { transaction in
                    (
                        (try? CaseAccess.readable(smearCase.id, by: user, in: transaction)) != nil,
                        (try? CaseAccess.owned(smearCase.id, by: user, in: transaction)) != nil
                    )
                }
                #expect(seen == (reads, owns), "\(user.email)")
            }
        }
    }

    @Test func `a token opens while somebody else writes, and its use is noted later`() async throws {
        try await withAccounts { accounts, database in
            let user = try await accounts.create(registration("anna@example.org"), role: .patient)
            let terms = try APIToken.Terms(label: "scanner", scopes: [.predict], days: 9)
            let secret = try await accounts.makeAPIToken(terms, of: user.id)
            let (begun, hasBegun) = AsyncStream<Void>.makeStream()
            let end = DispatchSemaphore(value: 0)
            let writer = Task {
                try await database.write { _ in
                    hasBegun.yield()
                    end.wait()
                }
            }
            for await _ in begun { break }
            // Waits for ever if it waits for the writer.
            for _ in 0..<3 {
                guard case .opens = try await accounts.bearer(secret) else {
                    Issue.record("the token opened nothing")
                    return
                }
            }
            end.signal()
            try await writer.value
            var used: Date?
            for _ in 0..<36_000 where used == nil {
                used = try await database.read { try $0.apiToken(digest: secret.digest)?.lastUsedAt }
                if used == nil { try await Task.sleep(for: .milliseconds(5)) }
            }
            #expect(used != nil)
        }
    }
}
