import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import Web

@Suite struct SessionTests {
    /// A clock that is set by hand.
    final class Clock: Sendable {
        private let instant = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        var now: Date { instant.withLock { $0 } }
        func advance(_ seconds: TimeInterval) { instant.withLock { $0 += seconds } }
    }

    @Test func `sets the cookie as browsers protect it`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browser = TestBrowser(client)
            let answer = try await browser.post("/login", [("email", user.email), ("password", TestPeople.password)])
            let field = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("__Host-session=") })
            for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
                #expect(field.contains(part), "\(part)")
            }
            #expect(!field.contains("Domain"))
            let stored = try await services.database.read {
                try $0.session(digest: browser.cookies["__Host-session"] ?? "")
            }
            #expect(stored == nil, "the database holds a digest only")
        }
    }

    private static let safari =
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"

    @Test func `Safari, which drops secure cookies of this machine, logs in with plain ones`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let (browser, headers) = (TestBrowser(client), [.userAgent: Self.safari] as HTTPFields)
            let page = try await browser.get("/login", headers: headers)
            let token = try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)).output.1
            let password = TestPeople.password.replacing(" ", with: "+")
            let answer = try await browser.send(
                "/login", .post, headers,
                ByteBuffer(string: "csrf=\(token)&email=anna%40example.org&password=\(password)"))
            #expect(answer.status == .seeOther, "\(answer.text)")
            let field = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("session=") })
            #expect(!field.contains("Secure") && field.contains("HttpOnly") && field.contains("SameSite=Lax"))
            #expect(!browser.cookies.keys.contains { $0.hasPrefix("__Host-") })
            let account = try await browser.get("/account", headers: headers)
            #expect(account.status == .ok && account.text.contains(user.email))
        }
    }

    @Test(arguments: [
        (true, SessionTests.safari),
        (false, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"),
        (false, "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"),
    ])
    func `no other browser has plain cookies, and Safari has none with TLS`(isEncrypted: Bool, browser: String)
        async throws
    {
        try await TestSite.run(configure: {
            if isEncrypted { $0.publicURL = URL(string: "https://smears.example.org") }
        }) { client in
            let page = try await client.execute(uri: "/login", method: .get, headers: [.userAgent: browser])
            #expect(page.headers[.setCookie]?.hasPrefix("__Host-visitor=") == true)
        }
    }

    @Test func `names the plain cookie only where HTTP is allowed`() async throws {
        try await TestSite.run(configure: {
            $0.host = "0.0.0.0"
            $0.allowsHTTP = true
        }) { client in
            let answer = try await client.execute(uri: "/login", method: .get)
            let field = try #require(answer.headers[.setCookie])
            #expect(field.hasPrefix("visitor="))
            #expect(!field.contains("Secure"))
        }
    }

    @Test func `gives a new session at each login and ends the old one`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            let before = try #require(browser.cookies["__Host-session"])
            let answer = try await browser.post("/login", [("email", user.email), ("password", TestPeople.password)])
            #expect(answer.status == .seeOther)
            #expect(browser.cookies["__Host-session"] != before)
            let old = TestBrowser(client)
            old.cookies["__Host-session"] = before
            #expect(try await old.get("/account").status == .seeOther)
            #expect(try await browser.get("/account").status == .ok)
        }
    }

    @Test func `ends the session on the server at logout`() async throws {
        try await TestSite.run { client, services in
            let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
            let cookie = try #require(browser.cookies["__Host-session"])
            let answer = try await browser.post("/logout")
            #expect(answer.status == .seeOther)
            // The pictures that the browser kept go as well.
            let forgets = try #require(HTTPField.Name("Clear-Site-Data"))
            #expect(answer.headers[forgets] == "\"cache\"")
            #expect(browser.cookies["__Host-session"] == nil)
            browser.cookies["__Host-session"] = cookie
            #expect(try await browser.get("/account").status == .seeOther)
        }
    }

    @Test func `logs out everywhere and says of how many`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browsers = [
                try await TestPeople.browser(of: user, client: client, in: services),
                try await TestPeople.browser(of: user, client: client, in: services),
            ]
            #expect(try await browsers[0].get("/account").text.contains("2 browsers"))
            let answer = try await browsers[0].post("/account/sign-out-everywhere")
            #expect(answer.text.contains("logged out of 2 browsers"))
            for browser in browsers { #expect(try await browser.get("/account").status == .seeOther) }
        }
    }

    @Test func `a new password asks for the old one and ends every other session`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            let other = try await TestPeople.browser(of: user, client: client, in: services)
            let before = browser.cookies["__Host-session"]
            let wrong = try await browser.post(
                "/account/password", [("password", "wrong"), ("new", "seven green bicycles")])
            #expect(wrong.status == .unprocessableContent)
            let right = try await browser.post(
                "/account/password", [("password", TestPeople.password), ("new", "seven green bicycles")])
            #expect(right.status == .seeOther)
            #expect(browser.cookies["__Host-session"] != before)
            #expect(try await browser.get("/account").status == .ok)
            #expect(try await other.get("/account").status == .seeOther)
        }
    }

    @Test(arguments: [Role.patient, .clinician, .administrator]) func `a new role or a lock ends every session`(
        role: Role
    )
        async throws
    {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", role, in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            try await services.accounts.setRole(.clinician, of: user.id, by: .system)
            #expect(try await browser.get("/account").status == .seeOther)
            let again = try await TestPeople.browser(of: user, client: client, in: services)
            #expect(try await again.get("/account").status == .ok)
            try await services.accounts.setDisabled(true, of: user.id, by: .system)
            #expect(try await again.get("/account").status == .seeOther)
        }
    }

    @Test(arguments: [
        (Role.patient, 12.0 * 3600, 30.0 * 86_400), (.clinician, 3600, 86_400), (.administrator, 3600, 86_400),
    ])
    func `ends a session that rests or grows old`(role: Role, idle: Double, absolute: Double) async throws {
        let clock = Clock()
        try await TestSite.run(change: { services in
            services.accounts = TestPeople.accounts(services.database) { clock.now }
        }) { client, services in
            let user = try await TestPeople.make("anna@example.org", role, in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            clock.advance(idle - 10)
            #expect(try await browser.get("/account").status == .ok)
            clock.advance(idle - 10)
            #expect(try await browser.get("/account").status == .ok, "use keeps it alive")
            clock.advance(idle + 10)
            #expect(try await browser.get("/account").status == .seeOther)
            let busy = try await TestPeople.browser(of: user, client: client, in: services)
            for _ in 0..<Int(absolute / (idle / 2)) {
                clock.advance(idle / 2)
                _ = try await busy.get("/account")
            }
            #expect(try await busy.get("/account").status == .seeOther)
        }
    }

    @Test(arguments: [
        ("/cases?search=a", "/cases?search=a"), ("//evil.example", "/"), ("https://evil.example", "/"),
        ("/\\evil.example", "/"), ("/a\r\nSet-Cookie: x=y", "/"), ("javascript:alert(1)", "/"), ("", "/"),
    ])
    func `goes on to own paths only`(next: String, place: String) async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let answer = try await TestBrowser(client).post(
                "/login", [("email", user.email), ("password", TestPeople.password), ("next", next)])
            #expect(answer.headers[.location] == place)
        }
    }

    @Test func `asks for the second factor and takes each code once`() async throws {
        let clock = Clock()
        try await TestSite.run(change: { services in
            services.accounts = TestPeople.accounts(services.database) { clock.now }
        }) { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            let page = try await browser.post("/account/totp/offer", [("password", TestPeople.password)]).text
            let offer = String(try #require(page.firstMatch(of: /name="offer" value="([^"]+)"/)).output.1)
            let key = String(try #require(page.firstMatch(of: /secret=([A-Z2-7]{32})/)).output.1)
            let totp = try #require(TOTP(base32: key))
            #expect(try await browser.post("/account/totp", [("offer", offer), ("code", "000000")]).status.code == 422)
            let on = try await browser.post("/account/totp", [("offer", offer), ("code", totp.code(at: clock.now))])
            let recovery = on.text.matches(of: /<code>([a-z2-7-]{19})<\/code>/).map { String($0.output.1) }
            #expect(recovery.count == 10)
            let stored = try await services.database.read { try $0.user(user.id) }
            #expect(stored?.totpSecret?.contains(key) == false)

            clock.advance(60)
            let code = totp.code(at: clock.now)
            for (typed, status) in [(code, 303), (code, 422), (recovery[0].uppercased(), 303), (recovery[0], 422)] {
                let visitor = TestBrowser(client)
                let second = try await visitor.post(
                    "/login", [("email", user.email), ("password", TestPeople.password)])
                #expect(visitor.cookies["__Host-session"] == nil)
                let ticket = String(try #require(second.text.firstMatch(of: /name="ticket" value="([^"]+)"/)).output.1)
                let answer = try await visitor.post("/login/code", [("ticket", ticket), ("code", typed)])
                #expect(answer.status.code == status, "\(typed)")
                clock.advance(400)
                let late = try await visitor.post("/login/code", [("ticket", ticket), ("code", recovery[1])])
                #expect(late.headers[.location] == "/login?notice=expired")
            }
        }
    }
}
