import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import Web

/// Forms that are sent after the session has ended.
@Suite struct KeptFormTests {
    private static let words = "First <line> & \"quotes\"\nஇரண்டாம் வரி"

    /// Ends every session of somebody, whose browser still has its page open.
    private static func end(_ email: String, _ browser: TestBrowser, in services: SiteServices) async throws {
        _ = try await browser.csrf()
        let user = try #require(try await services.database.read { try $0.user(email: email) })
        try await services.database.write { try $0.deleteSessions(of: user.id, except: nil) }
    }

    /// Logs in on the page that answered, as a browser does; where it leads.
    private static func logIn(
        _ email: String, from page: TestResponse, _ browser: TestBrowser
    ) async throws -> String {
        let kept = try #require(page.text.firstMatch(of: /name="kept" value="([^"]+)"/)).output.1
        let next = try #require(page.text.firstMatch(of: /name="next" value="([^"]+)"/)).output.1
        browser.cookies["__Host-session"] = nil
        let answer = try await browser.post(
            "/login",
            [
                ("email", email), ("password", TestPeople.password), ("next", String(next)), ("kept", String(kept)),
            ])
        #expect(answer.status == .seeOther, "\(answer.text)")
        return try #require(answer.headers[.location])
    }

    @Test func `the form comes back with what was typed, to the same account`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            try await Self.end("owner@example.org", desk.browser, in: desk.services)
            let asked = try await desk.browser.post(
                "/cases/\(id)/rename", [("title", "Slide 7"), ("note", Self.words), ("password", "secret words")])
            #expect(asked.status == .unauthorized)
            #expect(asked.text.contains("what you typed is kept") && asked.text.contains("action=\"/login\""))
            // Nobody but the server reads it.
            #expect(!asked.text.contains("Slide 7"))
            let path = try await Self.logIn("owner@example.org", from: asked, desk.browser)
            #expect(path.hasPrefix("/cases/\(id)?kept="))
            let page = try await desk.browser.get(path)
            #expect(page.status == .ok && page.text.contains("id=\"kept-note\""))
            #expect(page.text.contains("value=\"Slide 7\""))
            #expect(page.text.contains("First &lt;line&gt; &amp; &quot;quotes&quot;\nஇரண்டாம் வரி</textarea>"))
            #expect(page.headers[try #require(HTTPField.Name("Offline-Copy"))] == nil)
            let stored = try await desk.services.database.read { try $0.smearCase(id) }
            #expect(stored?.title == "Sample")
            // Of the form that was sent alone; the others of the page are as they were.
            #expect(!page.text.contains("secret words"))
        }
    }

    @Test func `boxes, choices and numbers come back too, and a folded form is open`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            try await Self.end("owner@example.org", desk.browser, in: desk.services)
            let asked = try await desk.browser.post(
                "/cases/\(id)/person", [("sex", "female"), ("haemoglobin", "7.2"), ("ageYears", "")])
            let path = try await Self.logIn("owner@example.org", from: asked, desk.browser)
            let page = try await desk.browser.get(path).text
            #expect(page.contains("<option value=\"female\" selected>"))
            #expect(!page.contains("<option value=\"\" selected>"))
            #expect(page.firstMatch(of: /name="haemoglobin"[^>]*value="7.2"/) != nil)
            #expect(page.contains("<details class=\"more\" open>"))
            try await Self.end("owner@example.org", desk.browser, in: desk.services)
            let consent = try await desk.browser.post("/people", [("name", "Meena"), ("consent", "1")])
            let people = try await desk.browser.get(
                try await Self.logIn("owner@example.org", from: consent, desk.browser)
            ).text
            #expect(people.firstMatch(of: /name="consent" value="1" checked>/) != nil)
        }
    }

    @Test func `a doctor's reading is not lost`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share()
            let reader = desk.clinician.email
            try await Self.end(reader, desk.reader, in: desk.services)
            let asked = try await desk.reader.post(
                "/readings/\(desk.screening)",
                [
                    ("label", "pre-b"), ("comment", Self.words), ("revision", "1"), ("action", "sign"),
                    ("confirm", "yes"),
                ])
            let path = try await Self.logIn(reader, from: asked, desk.reader)
            let page = try await desk.reader.get(path).text
            #expect(page.contains("இரண்டாம் வரி</textarea>"))
            #expect(page.firstMatch(of: /name="label" value="pre-b"[^>]* checked>/) != nil)
        }
    }

    @Test func `another account on the same device gets nothing of it, by no way`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            _ = try await TestPeople.make("other@example.org", in: desk.services)
            try await Self.end("owner@example.org", desk.browser, in: desk.services)
            let asked = try await desk.browser.post("/cases/\(id)/rename", [("title", "T"), ("note", Self.words)])
            #expect(try await Self.logIn("other@example.org", from: asked, desk.browser) == "/")
            #expect(!(try await desk.browser.get("/").text.contains("kept-note")))
            let path = try await Self.logIn("owner@example.org", from: asked, desk.browser)
            let kept = try #require(path.split(separator: "=").last)
            let other = try await TestPeople.browser(
                of: try #require(try await desk.services.database.read { try $0.user(email: "other@example.org") }),
                client: desk.client, in: desk.services)
            for page in ["/account", "/cases", "/"] {
                let shown = try await other.get("\(page)?kept=\(kept)").text
                #expect(!shown.contains("kept-note") && !shown.contains("இரண்டாம்"), "\(page)")
            }
            // In the database it is no plain text.
            let form = try await desk.services.database.read {
                try $0.keptForm(#require(KeptFormID(String(kept))))
            }
            #expect(form != nil && form?.sealed.contains("First") == false)
            // Where the form is not on the page, the words are shown, so that none is lost.
            let elsewhere = try await desk.browser.get("/account?kept=\(kept)").text
            #expect(elsewhere.contains("kept-note") && elsewhere.contains("இரண்டாம் வரி"))
        }
    }

    @Test func `what was altered, and what is older than an hour, does not come back`() async throws {
        let clock = Mutex(Date())
        try await CaseDesk.run(change: { $0.clock = { clock.withLock { $0 } } }) { desk in
            let id = try await desk.makeCase()
            try await Self.end("owner@example.org", desk.browser, in: desk.services)
            let asked = try await desk.browser.post("/cases/\(id)/rename", [("title", "T"), ("note", Self.words)])
            let path = try await Self.logIn("owner@example.org", from: asked, desk.browser)
            #expect(try await desk.browser.get(path).text.contains("kept-note"))
            clock.withLock { $0 += 3601 }
            #expect(!(try await desk.browser.get(path).text.contains("kept-note")))
            let browser = TestBrowser(desk.client)
            let altered = try await browser.post(
                "/login",
                [
                    ("email", "owner@example.org"), ("password", TestPeople.password), ("next", "/cases"),
                    ("kept", String(repeating: "A", count: 200)),
                ])
            #expect(altered.headers[.location] == "/")
        }
    }

    @Test func `files are not kept, which is told, and a form without a page of ours is not kept at all`() async throws
    {
        try await CaseDesk.run { desk in
            try await Self.end("owner@example.org", desk.browser, in: desk.services)
            let files = try await desk.send("/cases", images: [CaseDesk.drawing(1)])
            #expect(files.headers[.location] == "/login?notice=files")
            #expect(
                try await TestBrowser(desk.client).get("/login?notice=files").text.contains("choose the files again"))
            let bare = try await TestBrowser(desk.client).postWithoutToken("/account/profile", [("name", "Anna")])
            #expect(bare.headers[.location] == "/login")
        }
    }
}
