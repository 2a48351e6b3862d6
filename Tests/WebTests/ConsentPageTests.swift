import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web
import Wording

@Suite struct ConsentPageTests {
    private static let words = [
        ("name", "Anna"), ("email", "anna@example.org"), ("password", "three quiet herons"),
    ]

    private static func made(
        _ email: String, client: any TestClientProtocol, in services: SiteServices
    ) async throws -> (User, TestBrowser) {
        let user = try await services.accounts.create(
            .init(email: email, name: "Somebody Else", password: TestPeople.password), role: .patient)
        return (user, try await TestPeople.browser(of: user, client: client, in: services))
    }

    @Test func `nobody registers without consent, which is kept with day, text and language`() async throws {
        try await TestSite.run { client, services in
            let browser = TestBrowser(client)
            _ = try await browser.postWithoutToken("/language", [("language", "ta")])
            let tamil = try TextCatalogue(language: "ta")
            let page = try await browser.get("/register").text
            for line in tamil.list("consent.notice") { #expect(page.contains(line)) }
            let refused = try await browser.post("/register", Self.words)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.text.contains("href=\"#consent\"") && refused.text.contains("id=\"consent-error\""))
            #expect(try await services.database.read { try $0.user(email: "anna@example.org") } == nil)
            let made = try await browser.post("/register", Self.words + [("consent", "1")])
            #expect(made.headers[.location] == "/")
            let user = try #require(try await services.database.read { try $0.user(email: "anna@example.org") })
            let consent = try #require(try await services.database.read { try $0.consent(of: user.id, for: nil) })
            #expect(consent.answer == .given && consent.notice == ConsentNotice.current.since)
            #expect(consent.text == ConsentText(tamil) && consent.text.language == "ta")
            #expect(try await browser.get("/").status == .ok)
            let export = try await browser.get("/account/export")
            let text = String(decoding: export.body.readableBytesView, as: UTF8.self)
            #expect(text.contains("consents.json") && text.contains(consent.version))
        }
    }

    @Test(arguments: ["en", "hi", "ta"], [false, true])
    func `the notice names who runs the server, or says that nobody is named, and what was read is kept`(
        _ language: String, isNamed: Bool
    ) async throws {
        let runBy = isNamed ? try Operator(name: "அரசு மருத்துவமனை, Vellore", contact: "+91 416 123") : nil
        let text = try TextCatalogue(language: language)
        let expected =
            isNamed
            ? text("consent.runBy", ["name": "அரசு மருத்துவமனை, Vellore", "contact": "+91 416 123"])
            : text("consent.runByNobody")
        try await TestSite.run(configure: {
            $0.runBy = runBy
            $0.language = language
        }) { client, services in
            let browser = TestBrowser(client)
            #expect(try await browser.get("/register").text.contains("<li>\(expected)</li>"))
            let made = try await browser.post("/register", Self.words + [("consent", "1")])
            #expect(made.status == .seeOther)
            let user = try #require(try await services.database.read { try $0.user(email: "anna@example.org") })
            let consent = try #require(try await services.database.read { try $0.consent(of: user.id, for: nil) })
            #expect(consent.text == ConsentText(text, runBy: runBy))
            #expect(consent.text.words.contains(expected))
            // Guardians and those who are asked again read the same.
            for path in ["/consent", "/people"] {
                #expect(try await browser.get(path).text.contains("<li>\(expected)</li>"), "\(path)")
            }
            _ = try await browser.post("/people", [("name", "Meena"), ("ageYears", "6"), ("consent", "1")])
            let child = try #require(try await services.database.read { try $0.dependents(of: user.id) }.first)
            let agreed = try await services.database.read { try $0.consent(of: user.id, for: child.id) }
            #expect(agreed?.text.words.contains(expected) == true)
        }
    }

    @Test func `whoever was given an account is asked at the first login, and comes back to where they wanted`()
        async throws
    {
        try await TestSite.run { client, services in
            let (user, browser) = try await Self.made("made@example.org", client: client, in: services)
            let led = try await browser.get("/cases?search=a")
            #expect(led.headers[.location] == "/consent?next=/cases%3Fsearch%3Da")
            #expect(try await browser.get("/").headers[.location] == "/consent?next=/")
            // Their own data and their account are theirs without any consent.
            for path in ["/account", "/account/export", "/consent", "/learn"] {
                #expect(try await browser.get(path).status == .ok, "\(path)")
            }
            let unticked = try await browser.post("/consent", [("answer", "given"), ("next", "/cases?search=a")])
            #expect(unticked.status == .unprocessableContent)
            #expect(unticked.text.contains("name=\"next\" value=\"/cases?search=a\""))
            let given = try await browser.post(
                "/consent", [("answer", "given"), ("consent", "1"), ("next", "/cases?search=a")])
            #expect(given.headers[.location] == "/cases?search=a")
            #expect(try await browser.get("/cases?search=a").status == .ok)
            #expect(
                try await services.database.read { try $0.consents(of: user.id) }.map(\.answer) == [.given])
        }
    }

    @Test func `who declines is asked no more and screens nothing, and who withdraws keeps what is there`() async throws
    {
        try await CaseDesk.run { desk in
            let kept = try await desk.makeCase()
            let settings = try await desk.browser.get("/account").text
            #expect(settings.contains("nothing new is screened"))
            let withdrawn = try await desk.browser.post("/consent", [("answer", "withdrawn")])
            #expect(withdrawn.headers[.location] == "/account?notice=withdrawn")
            #expect(try await desk.browser.get("/cases/\(kept)").status == .ok)
            let home = try await desk.browser.get("/").text
            #expect(home.contains("id=\"consent-missing\"") && !home.contains("id=\"case-upload\""))
            let refused = try await desk.send("/cases", images: [CaseDesk.drawing(1)], isScript: true)
            #expect(refused.status == .forbidden)
            let more = try await desk.send("/cases/\(kept)/images", images: [CaseDesk.drawing(5)], isScript: true)
            #expect(try more.object()["type"] as? String == "/problems/consent-needed")
            #expect(try await desk.browser.post("/live").status == .forbidden)
            _ = try await desk.browser.post("/consent", [("answer", "given"), ("consent", "1"), ("next", "/")])
            #expect(try await desk.send("/cases", images: [CaseDesk.drawing(1)], isScript: true).status == .created)
            let (_, other) = try await Self.made("made@example.org", client: desk.client, in: desk.services)
            let declined = try await other.post("/consent", [("answer", "declined"), ("next", "/")])
            #expect(declined.headers[.location] == "/")
            #expect(try await other.get("/").text.contains("id=\"consent-missing\""))
        }
    }

    @Test func `the API refuses new screenings without consent, and nothing else`() async throws {
        try await APISite.run { site in
            let id = try await site.makeCase()
            try await site.services.database.write { transaction in
                try transaction.append(
                    Consent(
                        of: site.owner, .withdrawn, notice: site.services.notice.since, text: TestPeople.consent,
                        at: site.services.clock()))
            }
            let form = try TestSite.form(TestSite.picture())
            for (path, response) in [
                ("predict", try await site.ask(.post, "/api/v1/predict", form: form)),
                ("cases", try await site.ask(.post, "/api/v1/cases", json: ["title": "New"])),
                ("images", try await site.ask(.post, "/api/v1/cases/\(id)/images", form: form)),
            ] {
                #expect(response.status == .forbidden, "\(path)")
                #expect(try response.object()["type"] as? String == "/problems/consent-needed", "\(path)")
            }
            #expect(try await site.ask(.get, "/api/v1/cases/\(id)").status == .ok)
            #expect(try await site.ask(.delete, "/api/v1/cases/\(id)").status == .noContent)
        }
    }

    @Test func `a new notice asks everybody again, the guardian for the child too`() async throws {
        let later = ConsentNotice(since: "2099-01-01")
        try await CaseDesk.run(change: {
            $0.notice = later
            $0.intake = ImageIntake(database: $0.database, archive: $0.archive, notice: later)
        }) { desk in
            // The account agreed to the notice of before.
            #expect(try await desk.browser.get("/cases").headers[.location] == "/consent?next=/cases")
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let now = desk.services.clock()
            let child = Dependent(
                guardianID: owner.id, facts: .init(name: "Meena", ageYears: 6), ageToldAt: now, createdAt: now,
                updatedAt: now)
            try await desk.services.database.write { try $0.insert(child) }
            let page = try await desk.browser.get("/consent").text
            #expect(page.contains("The notice has changed") && page.contains("2099-01-01"))
            #expect(page.contains("name=\"person\" value=\"\(child.id)\""))
            _ = try await desk.browser.post(
                "/consent", [("answer", "given"), ("consent", "1"), ("person", child.id.text), ("next", "/")])
            let sent = try await desk.send(
                "/cases", images: [CaseDesk.drawing(1)], fields: [("for", child.id.text)], isScript: true)
            #expect(sent.status == .created)
            let kept = try await desk.services.database.read { try $0.consent(of: owner.id, for: child.id) }
            #expect(kept?.notice == later.since && kept?.answer == .given)
        }
    }
}
