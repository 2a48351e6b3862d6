import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Mail
import Testing
import Web

/// Which language somebody is answered in.
@Suite struct LanguageTests {
    private static let others = [
        "ta": """
        {"language": {"name": "தமிழ்", "locale": "ta-IN", "plurals": {"one": "n = 1"}, "menu": "மொழி",
         "unchecked": "தமிழ் வாசகர் இன்னும் சரிபார்க்கவில்லை."},
         "site": {"screen": "சோதனை"}, "errors": {"titles": {"notFound": "காணவில்லை"}},
         "notices": {"kinds": {"share-ended": {"subject": "பகிர்வு முடிந்தது"}}},
         "appointments": {"letters": {"confirmed": {"subject": "உங்கள் சந்திப்பு உறுதி"}}, "calendar": {"plain": "சந்திப்பு"}}}
        """,
        "hi": """
        {"language": {"name": "हिन्दी", "locale": "hi-IN", "plurals": {"one": "i = 0 or n = 1"}}, "site": {"screen": "जाँच"}}
        """,
    ]

    private static func run(
        change: (inout SiteServices) -> Void = { _ in }, configure: (inout WebConfiguration) -> Void = { _ in },
        _ test: @Sendable (any TestClientProtocol, SiteServices, URL) async throws -> Void
    ) async throws {
        let folder = try PseudoLanguage.folder(others: others)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await TestSite.run(
            configure: {
                $0.texts = folder
                configure(&$0)
            }, change: change
        ) { client, services in try await test(client, services, folder) }
    }

    private static func asking(_ languages: String) -> HTTPFields { [.acceptLanguage: languages] }

    private static func language(of response: TestResponse) throws -> String {
        let tag = try #require(response.text.firstMatch(of: /<html lang="([^"]*)"/)).output.1
        #expect(response.headers[.contentLanguage] == String(tag))
        #expect(response.headers[.vary] == "Accept-Language, Cookie")
        #expect(response.headers[.cacheControl] == "no-store")
        return String(tag)
    }

    @Test(
        arguments: [
            (nil, "en"), ("ta", "ta"), ("ta-IN,en;q=0.8", "ta"), ("fr, hi;q=0.4, ta;q=0.7", "ta"), ("hi;q=0, ta", "ta"),
            ("fr-FR", "en"), ("*", "en"), ("en;q=0.3, hi-Deva;q=0.9", "hi"), (";;,,q=x", "en"),
        ] as [(String?, String)])
    func `a browser is answered in the best of its languages`(asked: String?, expected: String) async throws {
        try await Self.run { client, _, _ in
            let page = try await TestBrowser(client).get("/", headers: asked.map(Self.asking) ?? [:])
            #expect(try Self.language(of: page) == expected)
        }
    }

    @Test func `the account goes before the browser's choice, and that before its languages`() async throws {
        try await Self.run { client, services, _ in
            let visitor = TestBrowser(client)
            let chosen = try await visitor.postWithoutToken("/language", [("language", "ta"), ("next", "/learn?a=b")])
            #expect(chosen.status == .seeOther && chosen.headers[.location] == "/learn?a=b")
            let cookie = try #require(chosen.headers[.setCookie])
            for part in ["__Host-language=ta", "Max-Age=31536000", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
                #expect(cookie.contains(part), "\(part)")
            }
            #expect(try Self.language(of: try await visitor.get("/learn", headers: Self.asking("hi"))) == "ta")
            let user = try await TestPeople.make("anna@example.org", in: services)
            let anna = try await TestPeople.browser(of: user, client: client, in: services)
            anna.cookies["__Host-language"] = "ta"
            #expect(try Self.language(of: try await anna.get("/account", headers: Self.asking("en"))) == "ta")
            _ = try await anna.post("/language", [("language", "hi"), ("next", "/account")])
            #expect(try await services.database.read { try $0.user(user.id)?.language } == "hi")
            anna.cookies["__Host-language"] = "ta"
            #expect(try Self.language(of: try await anna.get("/account", headers: Self.asking("en"))) == "hi")
            // In another browser too, and no longer after logging out there.
            let other = try await TestPeople.browser(of: user, client: client, in: services)
            #expect(try Self.language(of: try await other.get("/")) == "hi")
            _ = try await other.post("/logout")
            #expect(try Self.language(of: try await other.get("/")) == "en")
        }
    }

    @Test func `a choice before there is an account is kept with it, and the browser's languages are not`() async throws
    {
        try await Self.run { client, services, _ in
            for (email, choice) in [("anna@example.org", "ta"), ("ben@example.org", nil)] as [(String, String?)] {
                let browser = TestBrowser(client)
                if let choice { _ = try await browser.postWithoutToken("/language", [("language", choice)]) }
                let answer = try await browser.post(
                    "/register",
                    [("name", "Somebody"), ("email", email), ("password", TestPeople.password), ("consent", "1")],
                    headers: Self.asking("hi"))
                #expect(answer.status == .seeOther)
                let user = try #require(try await services.database.read { try $0.user(email: email) })
                #expect(user.language == choice)
            }
        }
    }

    @Test func `the menu is on every page, with the languages' own names and the way back`() async throws {
        try await Self.run { client, _, _ in
            let browser = TestBrowser(client)
            let page = try await browser.get("/doctors?place=Vellore", headers: Self.asking("ta"))
            #expect(page.text.contains("action=\"/language\""))
            for (tag, name) in [("en", "English"), ("ta", "தமிழ்"), ("hi", "हिन्दी")] {
                #expect(page.text.contains("value=\"\(tag)\" lang=\"\(tag)\""), "\(tag)")
                #expect(page.text.contains(name))
            }
            #expect(page.text.contains("lang=\"ta\" aria-current=\"true\""))
            #expect(page.text.contains("name=\"next\" value=\"/doctors?place=Vellore\""))
            #expect(page.text.contains("தமிழ் வாசகர் இன்னும் சரிபார்க்கவில்லை."))
            #expect(!(try await browser.get("/")).text.contains("footer-unchecked"))
            // A page that answers a form leads back to the page of the form.
            let answer = try await browser.post("/register", [("name", ""), ("email", ""), ("password", "")])
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("name=\"next\" value=\"/register\""))
        }
    }

    @Test func `leads nowhere else, and knows the languages that there are`() async throws {
        try await Self.run { client, services, _ in
            let browser = TestBrowser(client)
            for next in ["https://evil.example/", "//evil.example", "/\\evil.example", ""] {
                let answer = try await browser.postWithoutToken("/language", [("language", "ta"), ("next", next)])
                #expect(answer.headers[.location] == "/", "\(next)")
            }
            let unknown = try await browser.postWithoutToken("/language", [("language", "tlh")])
            #expect(unknown.status == .badRequest && unknown.text.contains("hi"))
            let anna = try await TestPeople.browser("anna@example.org", client: client, in: services)
            let forged = try await anna.postWithoutToken("/language", [("language", "ta")])
            #expect(forged.status == .forbidden)
        }
    }

    @Test func `programs are told in English unless they ask otherwise, with the same codes`() async throws {
        try await Self.run(configure: { $0.language = "hi" }) { client, _, _ in
            for (asked, title, language) in [(nil, "Not found", "en"), ("ta", "காணவில்லை", "ta")]
                as [(String?, String, String)]
            {
                var headers: HTTPFields = [.accept: "application/json"]
                headers[.acceptLanguage] = asked
                let answer = try await client.execute(uri: "/api/v1/nowhere", method: .get, headers: headers)
                let problem = try answer.object()
                #expect(problem["title"] as? String == title)
                #expect(problem["type"] as? String == "/problems/not-found")
                #expect(answer.headers[.contentLanguage] == language)
                #expect(answer.headers[.vary] == "Accept-Language")
            }
            let description = try await client.execute(
                uri: "/api/openapi.json", method: .get, headers: Self.asking("ta"))
            #expect(description.headers[.contentLanguage] == "en" && description.headers[.vary] == nil)
        }
    }

    @Test func `an answer for another system says its language`() async throws {
        let folder = try PseudoLanguage.folder(others: Self.others)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await APISite.run(configure: { $0.texts = folder }) { site in
            let screening = try await site.screened(in: site.makeCase())
            for (asked, language) in [("ta", "ta"), ("fr", "en"), (PseudoLanguage.tag, PseudoLanguage.tag)] {
                let answer = try await site.ask(
                    .get, "/api/v1/screenings/\(screening)/fhir", headers: Self.asking(asked))
                #expect(try answer.object()["language"] as? String == language)
                #expect(answer.headers[.contentLanguage] == language)
                let report = try await site.ask(
                    .get, "/api/v1/screenings/\(screening)/report.pdf", headers: Self.asking(asked))
                #expect(report.status == .ok && report.headers[.contentLanguage] == language)
                #expect(report.headers[.vary] == "Accept-Language")
            }
        }
    }

    @Test func `what a cache may keep holds no words, or says by what they were chosen`() async throws {
        try await Self.run { client, _, _ in
            let page = try await TestBrowser(client).get("/")
            let asset = String(try #require(page.text.firstMatch(of: /href="(\/assets\/[^"]+\.css)"/)).output.1)
            let tags = try await ["en", "ta"].asyncMap {
                try await client.execute(uri: asset, method: .get, headers: Self.asking($0)).headers[.eTag]
            }
            #expect(tags[0] != nil && tags[0] == tags[1])
            let places = try await client.execute(uri: "/places?q=vel", method: .get, headers: Self.asking("ta"))
            #expect(places.headers[.cacheControl] == "private, max-age=300")
            #expect(places.headers[.contentLanguage] == "ta")
            #expect(places.headers[.vary] == "Accept-Language, Cookie")
        }
    }

    @Test func `letters and their calendar files are in the language of who gets them`() async throws {
        let post = LetterBox()
        try await Self.run(
            change: { $0.mail = post }, configure: { $0.publicURL = URL(string: "https://smears.example.org") }
        ) { client, services, folder in
            let clinician = try await TestPeople.make("doctor@example.org", .clinician, in: services)
            let anna = try await TestPeople.make("anna@example.org", in: services)
            try await services.accounts.setLanguage("ta", of: anna.id)
            let now = services.clock()
            let doctor = DoctorPractice.entry(of: clinician.id, at: now)
            let visit = Appointment(
                doctorID: doctor.id, patientID: anna.id, startsAt: now.addingTimeInterval(90_000),
                endsAt: now.addingTimeInterval(91_800), createdAt: now, updatedAt: now)
            try await services.database.write { transaction in
                try transaction.insert(doctor)
                try transaction.insert(visit)
                try transaction.post(Notice(to: anna.id, .shareEnded, aboutID: clinician.id, createdAt: now))
                try transaction.post(Notice(to: clinician.id, .shareEnded, aboutID: anna.id, createdAt: now))
            }
            // The doctor's pages are in Hindi; the letter is the patient's.
            let browser = try await TestPeople.browser(of: clinician, client: client, in: services)
            browser.cookies["__Host-language"] = "hi"
            _ = try await browser.post("/appointments/\(visit.id)/confirm")
            let letter = try #require(try await post.first())
            #expect(letter.recipient == "anna@example.org" && letter.subject == "உங்கள் சந்திப்பு உறுதி")
            let file = String(decoding: try #require(letter.attachment).bytes, as: UTF8.self)
            #expect(file.contains("SUMMARY:சந்திப்பு"))
            let notices = try NoticeService(
                services: services, configuration: TestSite.configuration { $0.texts = folder }, logger: TestSite.quiet)
            await notices.round()
            let told = Dictionary(post.all.map { ($0.recipient, $0.subject) }) { $1 }
            #expect(told["anna@example.org"] == "பகிர்வு முடிந்தது")
            #expect(told["doctor@example.org"].map { !$0.isEmpty && $0 != "பகிர்வு முடிந்தது" } == true)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
