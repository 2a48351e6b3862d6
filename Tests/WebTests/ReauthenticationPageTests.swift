import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct ReauthenticationPageTests {
    private typealias Clock = SessionTests.Clock

    /// A site whose clock is set by hand, and somebody at a browser.
    private struct Desk: Sendable {
        let client: any TestClientProtocol
        let services: SiteServices
        let clock: SessionTests.Clock
        let user: User
        let browser: TestBrowser

        func stored() async throws -> User? { try await services.database.read { try $0.user(user.id) } }

        func tokens() async throws -> [APIToken] { try await services.accounts.apiTokens(of: user.id) }

        /// The details of the failures at the gate.
        func failures() async throws -> [String] {
            try await services.database.read { try $0.auditRecords(after: 0, limit: 1000) }.map(\.entry)
                .filter { $0.action == .user(.confirmFailed) }.map(\.detail)
        }

        /// The offer of a page and its key.
        func offer(_ fields: [(String, String)] = [("password", TestPeople.password)]) async throws -> (
            signed: String, totp: TOTP
        ) {
            let page = try await browser.post("/account/totp/offer", fields).text
            let signed = String(try #require(page.firstMatch(of: /name="offer" value="([^"]+)"/)).output.1)
            let key = String(try #require(page.firstMatch(of: /secret=([A-Z2-7]{32})/)).output.1)
            return (signed, try #require(TOTP(base32: key)))
        }

        /// Turns the second factor on; the clock goes on to the next code.
        func enable() async throws -> TOTP {
            let (signed, totp) = try await offer()
            let answer = try await browser.post(
                "/account/totp", [("offer", signed), ("code", totp.code(at: clock.now))])
            #expect(answer.status == .ok)
            clock.advance(60)
            return totp
        }
    }

    private static func run(_ role: Role = .patient, _ test: @Sendable (Desk) async throws -> Void) async throws {
        let clock = Clock()
        try await TestSite.run(change: { services in
            services.accounts = TestPeople.accounts(services.database) { clock.now }
            services.clock = { clock.now }
        }) { client, services in
            let user = try await TestPeople.make("anna@example.org", role, in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            try await test(Desk(client: client, services: services, clock: clock, user: user, browser: browser))
        }
    }

    private static let changes: [(path: String, fields: [(String, String)])] = [
        ("/account/email", [("email", "other@example.org")]), ("/account/password", [("new", "seven green bicycles")]),
        ("/account/totp/offer", []), ("/account/totp/off", []),
        ("/account/tokens", [("label", "x"), ("scope", "read"), ("days", "9")]), ("/account/delete", []),
    ]

    @Test(arguments: changes.indices) func `nothing sensitive is changed without password and code`(
        index: Int
    ) async throws {
        let change = Self.changes[index]
        try await Self.run { desk in
            let totp = try await desk.enable()
            let before = try await desk.stored()
            let tries: [[(String, String)]] = [
                [], [("password", "")], [("password", "wrong password"), ("code", totp.code(at: desk.clock.now))],
                [("password", TestPeople.password)], [("password", TestPeople.password), ("code", "000000")],
            ]
            for given in tries {
                let answer = try await desk.browser.post(change.path, change.fields + given)
                #expect(answer.status == .unprocessableContent, "\(given)")
                #expect(answer.text.contains("aria-invalid=\"true\""), "\(given)")
                #expect(!answer.text.contains("name=\"offer\""))
                #expect(try await desk.stored() == before, "\(given)")
                #expect(try await desk.tokens().isEmpty, "\(given)")
            }
            #expect(try await desk.failures() == ["password", "password", "password", "code", "code"])
            // Guessing here is as slow as at the login, and both count together.
            let right = [("password", TestPeople.password), ("code", totp.code(at: desk.clock.now))]
            let slowed = try await desk.browser.post(change.path, change.fields + right)
            #expect(slowed.status == .tooManyRequests)
            #expect(slowed.headers[.retryAfter].flatMap(Int.init) ?? 0 > 0)
            let login = try await TestBrowser(desk.client).post(
                "/login", [("email", desk.user.email), ("password", TestPeople.password)])
            #expect(login.status == .tooManyRequests)
            #expect(try await desk.stored() == before)
        }
    }

    @Test(arguments: changes.indices) func `a code opens one change and no other`(index: Int) async throws {
        let change = Self.changes[index]
        try await Self.run { desk in
            let totp = try await desk.enable()
            let right = [("password", TestPeople.password), ("code", totp.code(at: desk.clock.now))]
            let made = try await desk.browser.post(
                "/account/tokens", [("label", "y"), ("scope", "read"), ("days", "365")] + right)
            #expect(made.status == .ok)
            let again = try await desk.browser.post(change.path, change.fields + right)
            #expect(again.status == .unprocessableContent)
            #expect(again.text.contains("Wrong code, or it was already used."))
            desk.clock.advance(60)
            let next = [("password", TestPeople.password), ("code", totp.code(at: desk.clock.now))]
            let answer = try await desk.browser.post(change.path, change.fields + next)
            #expect([HTTPResponse.Status.ok, .seeOther].contains(answer.status), "\(answer.status)")
        }
    }

    @Test func `an administrator changes roles and states with password and code`() async throws {
        try await Self.run(.administrator) { desk in
            let other = try await TestPeople.make("other@example.org", in: desk.services)
            let totp = try await desk.enable()
            let password = ("password", TestPeople.password)
            let changes: [(String, [(String, String)])] = [
                ("role", [("role", "clinician")]), ("disable", []), ("enable", []),
            ]
            for (path, fields) in changes {
                let page = "/admin/users/\(other.id)/\(path)"
                let before = try await desk.services.database.read { try $0.user(other.id) }
                #expect(try await desk.browser.post(page, fields + [password]).status == .unprocessableContent)
                #expect(try await desk.services.database.read { try $0.user(other.id) } == before)
                let code = ("code", totp.code(at: desk.clock.now))
                #expect(try await desk.browser.post(page, fields + [password, code]).status == .seeOther)
                #expect(try await desk.services.database.read { try $0.user(other.id) } != before)
                desk.clock.advance(60)
            }
            #expect(try await desk.failures() == ["code", "code", "code"])
        }
    }

    @Test func `forms ask for a code only where there is a second factor`() async throws {
        try await Self.run(.administrator) { desk in
            let other = try await TestPeople.make("other@example.org", in: desk.services)
            let pages = ["/account", "/account/totp", "/admin/users/\(other.id)", "/admin/models"]
            for page in pages {
                let text = try await desk.browser.get(page).text
                #expect(text.contains("autocomplete=\"current-password\""), "\(page)")
                #expect(!text.contains("name=\"code\""), "\(page)")
            }
            _ = try await desk.enable()
            for page in pages { #expect(try await desk.browser.get(page).text.contains("name=\"code\""), "\(page)") }
        }
    }

    @Test func `an offer of a factor is refused after ten minutes, in another browser, and a second time`() async throws
    {
        try await Self.run { desk in
            let (old, totp) = try await desk.offer()
            desk.clock.advance(601)
            let late = try await desk.browser.post(
                "/account/totp", [("offer", old), ("code", totp.code(at: desk.clock.now))])
            #expect(late.status == .unprocessableContent)
            #expect(late.text.contains("This took too long"))
            let (offer, fresh) = try await desk.offer()
            let elsewhere = try await TestPeople.browser(of: desk.user, client: desk.client, in: desk.services)
            let fields = [("offer", offer), ("code", fresh.code(at: desk.clock.now))]
            #expect(try await elsewhere.post("/account/totp", fields).status == .unprocessableContent)
            #expect(try await desk.stored()?.totpSecret == nil)
            #expect(try await desk.browser.post("/account/totp", fields).status == .ok)
            let secret = try await desk.stored()?.totpSecret
            #expect(secret != nil)
            #expect(try await desk.browser.post("/account/totp", fields).status == .unprocessableContent)
            #expect(try await desk.stored()?.totpSecret == secret)
        }
    }

    @Test func `a factor is replaced with a code of the old one`() async throws {
        try await Self.run { desk in
            let totp = try await desk.enable()
            let old = try await desk.stored()?.totpSecret
            let (signed, next) = try await desk.offer([
                ("password", TestPeople.password), ("code", totp.code(at: desk.clock.now)),
            ])
            let wrong = try await desk.browser.post("/account/totp", [("offer", signed), ("code", "000000")])
            #expect(wrong.status == .unprocessableContent)
            #expect(try await desk.stored()?.totpSecret == old)
            #expect(try await desk.failures() == ["new second factor"])
            let right = try await desk.browser.post(
                "/account/totp", [("offer", signed), ("code", next.code(at: desk.clock.now))])
            #expect(right.status == .ok)
            #expect(try await desk.stored()?.totpSecret != old)
        }
    }

    @Test func `a token that has ended answers 401 and says so, and the log notes a few refusals`() async throws {
        try await Self.run { desk in
            let secret = try await desk.services.accounts.makeAPIToken(
                APIToken.Terms(label: "scanner", scopes: [.read], days: 10), of: desk.user.id)
            let ask = { (token: String) async throws -> TestResponse in
                try await desk.client.execute(
                    uri: "/api/v1/cases", method: .get, headers: [.authorization: "Bearer \(token)"])
            }
            #expect(try await ask(secret.text).status == .ok)
            desk.clock.advance(10 * 86_400)
            let ended = try await ask(secret.text)
            #expect(ended.status == .unauthorized)
            #expect(ended.text.contains("This token has expired."))
            let challenge = try #require(ended.headers[.wwwAuthenticate])
            #expect(challenge.contains("error=\"invalid_token\"") && challenge.contains("The token has expired"))
            for _ in 0..<20 { #expect(try await ask(SecretToken().text).status == .unauthorized) }
            let noted = try await desk.services.database.read { try $0.auditRecords(after: 0, limit: 100) }
                .map(\.entry).filter { $0.action == .token(.refuse) }
            let token = try #require(try await desk.tokens().first)
            #expect(noted.first?.object == token.id.text && noted.first?.detail == "expired")
            // Five at once of one address; more may come a minute later.
            #expect((5...6).contains(noted.count))
            #expect(noted.dropFirst().allSatisfy { $0.object.isEmpty && $0.detail == "unknown" })
        }
    }

    @Test func `the account page tells when a token ends, and a week before`() async throws {
        try await Self.run { desk in
            let made = try await desk.browser.post(
                "/account/tokens",
                [("label", "scanner"), ("scope", "read"), ("days", "10"), ("password", TestPeople.password)])
            #expect(made.status == .ok)
            let token = try #require(try await desk.tokens().first)
            #expect(token.expiresAt == desk.clock.now.addingTimeInterval(10 * 86_400))
            let day = token.expiresAt.formatted(.iso8601.year().month().day())
            #expect(made.text.contains("ends \(day)"))
            #expect(!made.text.contains("“scanner” stops working on"))
            desk.clock.advance(3 * 86_400)
            let browser = try await TestPeople.browser(of: desk.user, client: desk.client, in: desk.services)
            let soon = try await browser.get("/account").text
            #expect(soon.contains("The API token “scanner” stops working on \(day)."))
            desk.clock.advance(7 * 86_400)
            let later = try await TestPeople.browser(of: desk.user, client: desk.client, in: desk.services)
            let ended = try await later.get("/account").text
            #expect(ended.contains("ended \(day)") && !ended.contains("“scanner” stops working on"))
            for days in ["0", "366", "soon", ""] {
                let bad = try await later.post(
                    "/account/tokens",
                    [("label", "x"), ("scope", "read"), ("days", days), ("password", TestPeople.password)])
                #expect(bad.status == .unprocessableContent && bad.text.contains("Choose 1 to 365 days."))
            }
            #expect(try await desk.tokens().count == 1)
        }
    }

    @Test(arguments: [true, false]) func `logging out everywhere and a new password end tokens where the box is ticked`(
        isTicked: Bool
    ) async throws {
        try await Self.run { desk in
            let box = isTicked ? [("tokens", "1")] : []
            let none = try await desk.browser.get("/account").text
            #expect(!none.contains("name=\"tokens\""), "nobody is asked about tokens that are not there")
            let terms = try APIToken.Terms(label: "scanner", scopes: [.read])
            let first = try await desk.services.accounts.makeAPIToken(terms, of: desk.user.id)
            let page = try await desk.browser.get("/account").text
            #expect(page.matches(of: /name="tokens" value="1" checked/).count == 2)
            #expect(try await desk.browser.post("/account/sign-out-everywhere", box).status == .ok)
            let again = try await TestPeople.browser(of: desk.user, client: desk.client, in: desk.services)
            let second = try await desk.services.accounts.makeAPIToken(terms, of: desk.user.id)
            let changed = try await again.post(
                "/account/password",
                [("password", TestPeople.password), ("new", "seven green bicycles")] + box)
            #expect(changed.status == .seeOther)
            let (_, link) = try #require(
                try await desk.services.accounts.offerReset(email: desk.user.email, by: .system))
            let third = try await desk.services.accounts.makeAPIToken(terms, of: desk.user.id)
            let visitor = TestBrowser(desk.client)
            #expect(try await visitor.get("/reset/\(link.text)").text.contains("name=\"tokens\" value=\"1\" checked"))
            let reset = try await visitor.post("/reset/\(link.text)", [("password", "eight brown kettles")] + box)
            #expect(reset.status == .seeOther)
            for secret in [first, second, third] {
                let answer = try await desk.client.execute(
                    uri: "/api/v1/cases", method: .get, headers: [.authorization: "Bearer \(secret.text)"])
                #expect(answer.status == (isTicked ? .unauthorized : .ok))
            }
        }
    }
}
