import Clinic
import Foundation
import Store
import Synchronization
import Testing

@Suite struct ReauthenticationTests {
    private static let password = "three quiet herons"

    /// Somebody with an account, a session and a clock that is set by hand.
    private final class Desk: Sendable {
        let database: SQLiteDatabase
        let user: User
        private let instant = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

        init(_ database: SQLiteDatabase, _ user: User) { (self.database, self.user) = (database, user) }

        var now: Date { instant.withLock { $0 } }
        func advance(_ seconds: TimeInterval) { instant.withLock { $0 += seconds } }

        var accounts: Accounts { ReauthenticationTests.accounts(database) { self.now } }

        func confirm(_ password: String = ReauthenticationTests.password, code: String = "") async throws
            -> Accounts.Confirmation
        {
            try await accounts.confirm(Reauthentication(password: password, code: code), of: user.id)
        }

        /// A session as a new login opens it.
        func session() async throws -> Accounts.ActiveSession {
            let login = try await accounts.logIn(
                email: user.email, password: ReauthenticationTests.password, ending: nil)
            guard case .opened(let opened) = login else { throw ClinicError(.forbidden, fault: "\(login)") }
            return try #require(try await accounts.session(opened.secret))
        }

        /// Turns the second factor on.
        func enable() async throws -> (totp: TOTP, recovery: [String], session: Accounts.ActiveSession) {
            let session = try await session()
            let offer = try await accounts.offerFactor(to: confirm(), in: session.session)
            let codes = try await accounts.enableFactor(offer, code: offer.totp.code(at: now), for: session)
            return (offer.totp, codes, session)
        }

        /// What a login waits with for the code.
        func ticket() async throws -> String {
            let login = try await accounts.logIn(
                email: user.email, password: ReauthenticationTests.password, ending: nil)
            guard case .needsCode(let ticket) = login else { throw ClinicError(.forbidden, fault: "\(login)") }
            return ticket
        }

        /// The fields of the refusals of codes, at the login and at the gate.
        func refusals(of codes: [String], with ticket: String) async -> [String?] {
            var fields: [String?] = []
            for code in codes {
                fields.append(
                    await ReauthenticationTests.refused {
                        _ = try await self.accounts.logIn(ticket: ticket, code: code, ending: nil)
                    })
                fields.append(await ReauthenticationTests.refused { _ = try await self.confirm(code: code) })
            }
            return fields
        }

        func failures() async throws -> [String] {
            try await database.read { try $0.auditRecords(after: 0, limit: 100) }.map(\.entry)
                .filter { $0.action == .user(.confirmFailed) }.map(\.detail)
        }
    }

    private static func accounts(_ database: SQLiteDatabase, _ clock: @escaping @Sendable () -> Date) -> Accounts {
        Accounts(
            database: database, key: [UInt8](repeating: 3, count: 32),
            hasher: PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1)), clock: clock)
    }

    private func withDesk(_ test: (Desk) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-gate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try SQLiteDatabase(
            file: folder.appending(path: "test.sqlite"), auditKey: [UInt8](repeating: 3, count: 32))
        try await database.migrate()
        let user = try await Self.accounts(database) { Date(timeIntervalSince1970: 1_800_000_000) }.create(
            .init(email: "anna@example.org", name: "Anna", password: Self.password), role: .patient)
        try await test(Desk(database, user))
        try await database.close()
    }

    /// The field that a refusal names.
    private static func refused(_ body: () async throws -> Void) async -> String? {
        do { try await body() } catch { return (error as? ClinicError)?.field ?? "no field" }
        return nil
    }

    @Test func `the gate asks for the password, and for a code where there is a second factor`() async throws {
        try await withDesk { desk in
            #expect(await Self.refused { _ = try await desk.confirm("wrong") } == "password")
            #expect(await Self.refused { _ = try await desk.confirm("") } == "password")
            #expect(try await desk.confirm().userID == desk.user.id)
            let totp = try await desk.enable().totp
            desk.advance(60)
            #expect(await Self.refused { _ = try await desk.confirm() } == "code")
            #expect(await Self.refused { _ = try await desk.confirm(code: "000000") } == "code")
            let code = totp.code(at: desk.now)
            // A wrong password does not use the code up.
            #expect(await Self.refused { _ = try await desk.confirm("wrong", code: code) } == "password")
            #expect(try await desk.confirm(code: code).userID == desk.user.id)
            #expect(try await desk.failures() == ["password", "password", "code", "code", "password"])
        }
    }

    @Test func `a code works once, at the gate and at the login together`() async throws {
        try await withDesk { desk in
            let enabled = try await desk.enable()
            let (recovery, first) = (enabled.recovery, enabled.totp.code(at: desk.now))
            #expect(await Self.refused { _ = try await desk.confirm(code: first) } == "code")
            desk.advance(60)
            let code = enabled.totp.code(at: desk.now)
            _ = try await desk.confirm(code: code)
            _ = try await desk.confirm(code: recovery[0])
            let ticket = try await desk.ticket()
            #expect(await desk.refusals(of: [code, recovery[0]], with: ticket) == ["code", "code", "code", "code"])
            #expect(try await desk.accounts.logIn(ticket: ticket, code: recovery[1], ending: nil) != nil)
            #expect(await Self.refused { _ = try await desk.confirm(code: recovery[1]) } == "code")
        }
    }

    @Test func `an offer of a factor is good for ten minutes and for its session alone`() async throws {
        try await withDesk { desk in
            let (first, second) = (try await desk.session(), try await desk.session())
            let offer = try await desk.accounts.offerFactor(to: desk.confirm(), in: first.session)
            #expect(desk.accounts.offeredFactor(offer.signed, to: first) == offer)
            #expect(desk.accounts.offeredFactor(offer.signed, to: second) == nil)
            #expect(desk.accounts.offeredFactor(offer.signed + "x", to: first) == nil)
            desk.advance(599)
            #expect(desk.accounts.offeredFactor(offer.signed, to: first) == offer)
            desk.advance(2)
            #expect(desk.accounts.offeredFactor(offer.signed, to: first) == nil)
        }
    }

    @Test func `an offer from before a factor was turned on turns on no other one`() async throws {
        try await withDesk { desk in
            let session = try await desk.session()
            let early = try await desk.accounts.offerFactor(to: desk.confirm(), in: session.session)
            let offer = try await desk.accounts.offerFactor(to: desk.confirm(), in: session.session)
            let code = offer.totp.code(at: desk.now)
            _ = try await desk.accounts.enableFactor(offer, code: code, for: session)
            let user = try #require(try await desk.database.read { try $0.user(desk.user.id) })
            let now = Accounts.ActiveSession(user: user, session: session.session)
            #expect(desk.accounts.offeredFactor(early.signed, to: now) == nil)
            // Nor where the request was read before the factor came.
            let late = await Self.refused {
                _ = try await desk.accounts.enableFactor(early, code: early.totp.code(at: desk.now), for: session)
            }
            #expect(late == "no field")
            let wrong = await Self.refused {
                _ = try await desk.accounts.enableFactor(early, code: "12", for: session)
            }
            #expect(wrong == "code")
            #expect(try await desk.failures() == ["new second factor"])
            #expect(try await desk.database.read { try $0.user(desk.user.id)?.totpSecret } == user.totpSecret)
        }
    }

    @Test func `a confirmation opens nothing once password or factor have changed`() async throws {
        try await withDesk { desk in
            let (old, other) = (try await desk.confirm(), try await desk.confirm())
            _ = try await desk.accounts.changePassword(for: old, to: "seven green bicycles", endingTokens: false)
            let terms = try APIToken.Terms(label: "x", scopes: [.read])
            #expect(await Self.refused { _ = try await desk.accounts.makeAPIToken(terms, for: other) } == "password")
            #expect(await Self.refused { _ = try await desk.accounts.delete(for: other) } == "password")
            #expect(await Self.refused { try await desk.accounts.disableFactor(for: other) } == "password")
            #expect(try await desk.accounts.apiTokens(of: desk.user.id).isEmpty)
        }
    }

    @Test func `a new address ends other sessions and what was sent to the old one`() async throws {
        try await withDesk { desk in
            let (here, there) = (try await desk.session(), try await desk.session())
            let (_, link) = try #require(try await desk.accounts.offerReset(email: desk.user.email, by: .system))
            let bad = await Self.refused {
                try await desk.accounts.changeEmail(for: desk.confirm(), to: "nobody", keeping: here.session)
            }
            #expect(bad == "email")
            try await desk.accounts.changeEmail(for: desk.confirm(), to: " Rao@Example.org", keeping: here.session)
            #expect(try await desk.database.read { try $0.user(desk.user.id)?.email } == "rao@example.org")
            #expect(try await desk.accounts.countSessions(of: desk.user.id) == 1)
            #expect(try await desk.database.read { try $0.session(digest: there.session.digest) } == nil)
            #expect(try await !desk.accounts.isResetOpen(link))
        }
    }

    @Test func `a token ends after its days and is told from an unknown and a revoked one`() async throws {
        try await withDesk { desk in
            for days in [0, 366, -1] {
                let error = #expect(throws: ClinicError.self) {
                    try APIToken.Terms(label: "x", scopes: [.read], days: days)
                }
                #expect(error?.field == "days")
            }
            #expect(throws: ClinicError.self) { try APIToken.Terms(label: "x", scopes: [.read], typedDays: "soon") }
            let terms = try APIToken.Terms(label: "x", scopes: [.read], days: 10)
            let secret = try await desk.accounts.makeAPIToken(terms, of: desk.user.id)
            let token = try #require(try await desk.accounts.apiTokens(of: desk.user.id).first)
            #expect(token.expiresAt == desk.now.addingTimeInterval(10 * 86_400))
            desk.advance(2 * 86_400)
            #expect(!token.endsSoon(at: desk.now))
            desk.advance(86_400)
            #expect(token.endsSoon(at: desk.now))
            desk.advance(7 * 86_400 - 1)
            guard case .opens = try await desk.accounts.bearer(secret) else {
                Issue.record("ended too soon")
                return
            }
            desk.advance(1)
            #expect(!token.endsSoon(at: desk.now))
            guard case .refused(let expired) = try await desk.accounts.bearer(secret),
                case .refused(let unknown) = try await desk.accounts.bearer(SecretToken())
            else {
                Issue.record("opened something")
                return
            }
            #expect(expired.reason == .expired && expired.tokenID == token.id)
            #expect(unknown.reason == .unknown && unknown.tokenID == nil)
            try await desk.accounts.revokeAPIToken(token.id, of: desk.user.id, by: .system)
            guard case .refused(let revoked) = try await desk.accounts.bearer(secret) else {
                Issue.record("opened something")
                return
            }
            #expect(revoked.reason == .revoked)
        }
    }

    @Test func `tokens that ended leave room for others`() async throws {
        try await withDesk { desk in
            let terms = try APIToken.Terms(label: "x", scopes: [.read], days: 1)
            for _ in 0..<50 { _ = try await desk.accounts.makeAPIToken(terms, of: desk.user.id) }
            #expect(await Self.refused { _ = try await desk.accounts.makeAPIToken(terms, of: desk.user.id) } == "label")
            desk.advance(86_400)
            _ = try await desk.accounts.makeAPIToken(terms, of: desk.user.id)
        }
    }

    @Test(arguments: [true, false])
    func `tokens end with the password and with logging out everywhere where that is wished`(
        isWished: Bool
    ) async throws {
        try await withDesk { desk in
            let terms = try APIToken.Terms(label: "x", scopes: [.read])
            let live = { () async throws -> Int in
                try await desk.accounts.apiTokens(of: desk.user.id).filter { $0.isValid(at: desk.now) }.count
            }
            for _ in 0..<2 { _ = try await desk.accounts.makeAPIToken(terms, of: desk.user.id) }
            let ended = try await desk.accounts.logOutEverywhere(desk.user.id, endingTokens: isWished)
            #expect(ended.tokens == (isWished ? 2 : 0))
            #expect(try await live() == (isWished ? 0 : 2))
            _ = try await desk.accounts.makeAPIToken(terms, of: desk.user.id)
            _ = try await desk.accounts.changePassword(
                for: desk.confirm(), to: "seven green bicycles", endingTokens: isWished)
            #expect(try await live() == (isWished ? 0 : 3))
            _ = try await desk.accounts.makeAPIToken(terms, of: desk.user.id)
            let (_, link) = try #require(try await desk.accounts.offerReset(email: desk.user.email, by: .system))
            try await desk.accounts.resetPassword(link, new: "eight brown kettles", endingTokens: isWished)
            #expect(try await live() == (isWished ? 0 : 4))
            let revoked = try await desk.database.read { try $0.auditRecords(after: 0, limit: 100) }
                .filter { $0.entry.action == .token(.revoke) }
            #expect(revoked.count == (isWished ? 4 : 0))
        }
    }
}
