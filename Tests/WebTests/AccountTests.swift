import Casework
import Clinic
import Foundation
import Hummingbird
import HummingbirdTesting
import Mail
import Testing
import Web

@Suite struct AccountTests {
    private static let words = [
        ("name", "Anna Müller"), ("email", "Anna@Example.org"), ("password", "three quiet herons"), ("consent", "1"),
    ]

    @Test func `registers a patient and logs in`() async throws {
        try await TestSite.run { client, services in
            let browser = TestBrowser(client)
            let answer = try await browser.post("/register", Self.words + [("role", "administrator")])
            #expect(answer.status == .seeOther)
            let user = try #require(try await services.database.read { try $0.user(email: "anna@example.org") })
            #expect(user.role == .patient)
            #expect(user.passwordHash.hasPrefix("$argon2id$v=19$"))
            #expect(try await browser.get("/account").text.contains("Anna Müller"))
            let audit = try await services.database.read { try $0.auditRecords(after: 0, limit: 100) }
            #expect(audit.map(\.entry.action.name).contains("user.register"))
            #expect(!audit.contains { "\($0)".contains("Anna") || "\($0)".contains("example.org") })
        }
    }

    @Test(arguments: [
        ("name", "", "name of 1 to 100"), ("email", "nobody", "e-mail address"), ("password", "short", "at least 8"),
        ("password", "P@ssw0rd2024", "too common"),
    ])
    func `tells at the field what is wrong`(field: String, value: String, message: String) async throws {
        try await TestSite.run { client in
            let browser = TestBrowser(client)
            let answer = try await browser.post("/register", Self.words.map { $0.0 == field ? (field, value) : $0 })
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains(message))
            #expect(answer.text.contains("aria-invalid=\"true\""))
            #expect(!answer.text.contains("value=\"\(Self.words[2].1)\""))
            #expect(browser.cookies["__Host-session"] == nil)
        }
    }

    @Test func `answers unknown and known people alike at login and reset`() async throws {
        try await TestSite.run { client, services in
            _ = try await TestPeople.make("known@example.org", in: services)
            _ = try await services.accounts.setDisabled(
                true, of: TestPeople.make("disabled@example.org", in: services).id, by: .system)
            var answers: Set<String> = []
            for (email, password) in [
                ("known@example.org", "wrong password"), ("unknown@example.org", "wrong password"),
                ("disabled@example.org", "wrong password"),
            ] {
                let browser = TestBrowser(client)
                let login = try await browser.post("/login", [("email", email), ("password", password)])
                #expect(login.status == .unprocessableContent)
                let reset = try await browser.post("/reset", [("email", email)])
                #expect(reset.status == .ok)
                answers.insert(
                    (login.text + reset.text).replacing(email, with: "").replacing(
                        /name="csrf" value="[^"]*"/, with: ""))
            }
            #expect(answers.count == 1)
        }
    }

    @Test func `tells who knows the password that the account is disabled`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("disabled@example.org", in: services)
            _ = try await services.accounts.setDisabled(true, of: user.id, by: .system)
            let browser = TestBrowser(client)
            let wrong = try await browser.post("/login", [("email", user.email), ("password", "wrong password")])
            #expect(wrong.text.contains("Wrong e-mail or password") && !wrong.text.contains("disabled."))
            let right = try await browser.post("/login", [("email", user.email), ("password", TestPeople.password)])
            #expect(right.status == .unprocessableContent && right.text.contains("This account is disabled."))
            #expect(browser.cookies["__Host-session"] == nil)
        }
    }

    @Test func `comes back to where somebody was, through the login and through a new account`() async throws {
        try await TestSite.run { client in
            let browser = TestBrowser(client)
            let login = try await browser.get("/login?next=/cases%3Ffilter%3Da")
            #expect(login.text.contains(#"href="/register?next=/cases%3Ffilter%3Da""#))
            let page = try await browser.get("/register?next=/cases%3Ffilter%3Da")
            #expect(page.text.contains(#"name="next" value="/cases?filter=a""#))
            #expect(page.text.contains(#"href="/login?next=/cases%3Ffilter%3Da""#))
            let next = ("next", "/cases?filter=a")
            let wrong = try await browser.post(
                "/register", [next, ("email", "new@example.org"), ("name", ""), ("password", "short")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.text.contains(#"name="next" value="/cases?filter=a""#))
            // The summary leads to the field that is wrong.
            let field = try #require(wrong.text.firstMatch(of: #/<li><a href="#([a-z]+)">/#)).output.1
            #expect(wrong.text.contains(#"id="\#(field)-error""#))
            let made = try await browser.post(
                "/register",
                [
                    next, ("email", "new@example.org"), ("name", "New"), ("password", "seven green bicycles"),
                    ("consent", "1"),
                ])
            #expect(made.headers[.location] == "/cases?filter=a")
            let other = try await TestBrowser(client).post(
                "/register",
                [
                    ("next", "//evil.example.org"), ("email", "other@example.org"), ("name", "New"),
                    ("password", "seven green bicycles"), ("consent", "1"),
                ])
            #expect(other.headers[.location] == "/")
        }
    }

    @Test func `slows down guessing at one account whether it exists or not`() async throws {
        let moment = Date()
        // However slow the machine is, no attempt comes back.
        try await TestSite.run(change: { $0.clock = { moment } }) { client, services in
            _ = try await TestPeople.make("known@example.org", in: services)
            for email in ["known@example.org", "unknown@example.org"] {
                let browser = TestBrowser(client)
                for _ in 0..<5 {
                    let wrong = try await browser.post("/login", [("email", email), ("password", "wrong password")])
                    #expect(wrong.status == .unprocessableContent)
                }
                let answer = try await browser.post("/login", [("email", email), ("password", TestPeople.password)])
                #expect(answer.status == .tooManyRequests)
                #expect(answer.headers[.retryAfter].flatMap(Int.init) ?? 0 > 0)
                // The way out: when to try again, and a new password.
                #expect(answer.text.contains("Too many wrong passwords") && answer.text.contains(#"href="/reset""#))
                #expect(answer.text.contains(#"value="\#(email)""#))
            }
            let other = try await TestPeople.make("other@example.org", in: services)
            let answer = try await TestBrowser(client).post(
                "/login", [("email", other.email), ("password", TestPeople.password)])
            #expect(answer.status == .seeOther)
        }
    }

    @Test func `counts the attempts of an address`() async throws {
        let clock = RateLimiterTests.Clock()
        try await TestSite.run(
            configure: {
                $0.accountBurst = 3
                $0.accountAttemptsPerMinute = 1
            }, change: { $0.pace = { clock.now } }
        ) { client, _ in
            let browser = TestBrowser(client)
            func attempts(_ numbers: Range<Int>) async throws -> [Int] {
                var codes: [Int] = []
                for number in numbers {
                    let fields = [("email", "p\(number)@example.org"), ("password", "x")]
                    codes.append(try await browser.post("/login", fields).status.code)
                }
                return codes
            }
            let burst = try await attempts(0..<4)
            clock.advance(.seconds(60))
            let later = try await attempts(4..<6)
            #expect(burst == [422, 422, 422, 429] && later == [422, 429])
        }
    }

    @Test func `sets a new password through a link that works once`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("known@example.org", in: services)
            let old = try await TestPeople.browser(of: user, client: client, in: services)
            let (_, secret) = try #require(try await services.accounts.offerReset(email: user.email, by: .system))
            let browser = TestBrowser(client)
            #expect(try await browser.get("/reset/\(secret.text)").status == .ok)
            #expect(try await browser.post("/reset/\(secret.text)", [("password", "short")]).status.code == 422)
            let set = try await browser.post("/reset/\(secret.text)", [("password", "seven green bicycles")])
            #expect(set.headers[.location] == "/login?notice=reset")
            #expect(
                try await browser.post("/reset/\(secret.text)", [("password", "another long one")]).status == .notFound)
            #expect(try await old.get("/account").status == .seeOther)
            let login = try await browser.post("/login", [("email", user.email), ("password", "seven green bicycles")])
            #expect(login.headers[.location] == "/")
        }
    }

    @Test func `mails the link to the owner of the address only`() async throws {
        let letters = LetterBox()
        try await TestSite.run(
            configure: { $0.publicURL = URL(string: "https://smears.example.org") }, change: { $0.mail = letters }
        ) { client, services in
            _ = try await TestPeople.make("known@example.org", in: services)
            let browser = TestBrowser(client)
            for email in ["unknown@example.org", "KNOWN@example.org"] {
                #expect(try await browser.post("/reset", [("email", email)]).status == .ok)
            }
            let letter = try #require(await letters.first())
            #expect(letter.recipient == "known@example.org")
            let link = try #require(letter.body.firstMatch(of: /https:\/\/smears\.example\.org(\/reset\/[\w-]{43})/))
            #expect(try await browser.get(String(link.output.1)).status == .ok)
            #expect(letters.count == 1)
        }
    }

    @Test func `makes the first administrator through a link that works once`() async throws {
        try await TestSite.run { client, services in
            let first = try #require(try await services.accounts.offerAdministratorSetup())
            let secret = try #require(try await services.accounts.offerAdministratorSetup())
            let browser = TestBrowser(client)
            #expect(try await browser.get("/setup/\(first.text)").status == .notFound)
            #expect(try await browser.get("/setup/\(secret.text)").status == .ok)
            #expect(try await browser.post("/setup/\(secret.text)", Self.words).headers[.location] == "/admin/start")
            let made = try await services.database.read { try $0.user(email: "anna@example.org") }
            #expect(made?.role == .administrator)
            #expect(try await TestBrowser(client).get("/setup/\(secret.text)").status == .notFound)
            #expect(try await services.accounts.offerAdministratorSetup() == nil)
        }
    }

    @Test func `keeps name and place and refuses places that are none`() async throws {
        try await TestSite.run { client, services in
            let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
            let bad = try await browser.post(
                "/account/profile",
                [("name", "Anna"), ("place", "Chennai"), ("latitude", "91"), ("longitude", "80.27")])
            #expect(bad.status == .unprocessableContent)
            #expect(bad.text.contains("−90 to 90"))
            let good = try await browser.post(
                "/account/profile",
                [("name", "<b>Anna</b>"), ("place", "Chennai"), ("latitude", "13,08"), ("longitude", "80.27")])
            #expect(good.status == .seeOther)
            let user = try #require(try await services.database.read { try $0.user(email: "anna@example.org") })
            #expect(user.place == UserPlace(name: "Chennai", latitude: 13.08, longitude: 80.27))
            #expect(!(try await browser.get("/account").text.contains("<b>")))
        }
    }

    @Test func `takes the only town of a name and asks where there are several`() async throws {
        try await TestSite.run { client, services in
            try await PlaceFieldTests.fill(services.database)
            let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
            let place = { () async throws -> UserPlace? in
                try await services.database.read { try $0.user(email: "anna@example.org") }?.place
            }
            let found = try await browser.post("/account/profile", [("name", "Anna"), ("place", "chennai")])
            #expect(found.status == .seeOther)
            #expect(try await place() == UserPlace(name: "Chennai, India", latitude: 13.08784, longitude: 80.27847))
            let asked = try await browser.post("/account/profile", [("name", "Anna"), ("place", "Springfield")])
            #expect(asked.status == .unprocessableContent)
            #expect(asked.text.contains("type=\"radio\" name=\"place_id\""))
            #expect(try await place()?.name == "Chennai, India")
            let chosen = try await browser.post(
                "/account/profile",
                [("name", "Anna"), ("place", "Springfield"), ("place_for", "Springfield"), ("place_id", "2")])
            #expect(chosen.status == .seeOther)
            #expect(
                try await place() == UserPlace(name: "Springfield, United States", latitude: 37.2, longitude: -93.3))
            _ = try await browser.post(
                "/account/profile", [("name", "Anna"), ("place", ""), ("place_for", "Springfield, United States")])
            #expect(try await place() == nil)
        }
    }

    @Test func `shows a new API token once and revokes it`() async throws {
        try await TestSite.run { client, services in
            let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
            let asked = [("label", "scanner"), ("days", "90"), ("password", TestPeople.password)]
            #expect(try await browser.post("/account/tokens", asked).status.code == 422)
            let made = try await browser.post("/account/tokens", asked + [("scope", "read")])
            let secret = String(try #require(made.text.firstMatch(of: /<code>([\w-]{43})<\/code>/)).output.1)
            let list = try await browser.get("/account")
            #expect(!list.text.contains(secret))
            let headers: HTTPFields = [.authorization: "Bearer \(secret)"]
            #expect(try await client.execute(uri: "/api/v1/cases", method: .get, headers: headers).status == .ok)
            let revoke = try #require(list.text.firstMatch(of: /\/account\/tokens\/[\w-]{22}\/revoke/))
            #expect(try await browser.post(String(revoke.output)).status == .seeOther)
            let refused = try await client.execute(uri: "/api/v1/cases", method: .get, headers: headers)
            #expect(refused.status == .unauthorized)
        }
    }

    @Test func `deletes the account with its files once the password is right`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            let now = Date()
            let smearCase = SmearCase(ownerID: user.id, title: "Sample", createdAt: now, updatedAt: now)
            try await services.database.write { try $0.insert(smearCase) }
            let screening = try await services.intake.add(
                TestSite.picture(), to: smearCase.id, by: .user(user.id), uploadKey: "a"
            ).1
            try await services.archive.store([1], at: "screenings/\(screening.id)/heat.png")
            #expect(try await browser.post("/account/delete", [("password", "wrong password")]).status.code == 422)
            #expect(try await services.archive.keys(under: "images/").count == 1)
            #expect(try await browser.post("/account/delete", [("password", TestPeople.password)]).status == .seeOther)
            #expect(try await services.database.read { try $0.user(user.id) } == nil)
            #expect(try await services.archive.keys(under: "").isEmpty)
            #expect(browser.cookies["__Host-session"] == nil)
            let last = try await services.database.read {
                try $0.auditRecords(matching: .init(), before: nil, limit: 1)
            }
            #expect(last.first?.entry.action.name == "user.delete")
        }
    }
}
