import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Mail
import Testing
import Web

/// Administrators invite people, and help those who lost password or second factor.
@Suite struct InvitationPageTests {
    private struct Desk: Sendable {
        let client: any TestClientProtocol
        let services: SiteServices
        let browser: TestBrowser
        let letters: LetterBox
    }

    private static func run(mail: Bool, _ test: @Sendable (Desk) async throws -> Void) async throws {
        let letters = LetterBox()
        try await TestSite.run(
            configure: { if mail { $0.publicURL = URL(string: "https://smears.example.org/") } },
            change: { if mail { $0.mail = letters } }
        ) { client, services in
            let browser = try await TestPeople.browser(
                "admin@example.org", .administrator, client: client, in: services)
            try await test(Desk(client: client, services: services, browser: browser, letters: letters))
        }
    }

    private static let anna = [("email", "anna@example.org"), ("name", "Anna"), ("role", "clinician")]
    private static let confirmed = anna + [("password", TestPeople.password)]

    /// The path of a link in a page or a letter.
    private static func path(in text: String) throws -> String {
        String(try #require(text.firstMatch(of: /https?:\/\/[^\/\s]+(\/reset\/[A-Za-z0-9_-]{43})/)).output.1)
    }

    private static func choosePassword(_ path: String, _ client: any TestClientProtocol) async throws {
        let browser = TestBrowser(client)
        #expect(try await browser.get(path).status == .ok)
        let chosen = try await browser.post(path, [("password", "five slow lanterns")])
        #expect(chosen.status == .seeOther)
        let entered = try await browser.post(
            "/login", [("email", "anna@example.org"), ("password", "five slow lanterns")])
        #expect(entered.status == .seeOther)
    }

    @Test func `without a mail server the link is shown once, and sets the password`() async throws {
        try await Self.run(mail: false) { desk in
            #expect(try await desk.browser.get("/admin/users").text.contains("/admin/users/new"))
            #expect(try await desk.browser.get("/admin/users/new").text.contains("Invite someone"))
            let made = try await desk.browser.post("/admin/users/new", Self.confirmed)
            #expect(made.status == .ok && made.text.contains("No letter was sent"))
            let user = try #require(
                try await desk.services.database.read { try $0.user(email: "anna@example.org") })
            #expect(user.role == .clinician)
            #expect(try await !desk.browser.get("/admin/users/\(user.id)").text.contains("http://localhost/reset/"))
            try await Self.choosePassword(Self.path(in: made.text), desk.client)
        }
    }

    @Test func `with one, letters carry invitation, new password and the end of a second factor`() async throws {
        try await Self.run(mail: true) { desk in
            let made = try await desk.browser.post("/admin/users/new", Self.confirmed)
            #expect(made.status == .seeOther)
            let place = try #require(made.headers[.location])
            #expect(place.hasSuffix("?notice=invitation"))
            #expect(try await desk.browser.get(place).text.contains("A letter with a link is on its way"))
            let letter = try #require(desk.letters.all.first)
            #expect(letter.recipient == "anna@example.org" && letter.body.contains("Hello Anna"))
            #expect(letter.body.contains("https://smears.example.org/reset/"))
            try await Self.choosePassword(Self.path(in: letter.body), desk.client)
            let user = try #require(
                try await desk.services.database.read { try $0.user(email: "anna@example.org") })
            let address = "/admin/users/\(user.id)"
            let reset = try await desk.browser.post("\(address)/reset", [("password", TestPeople.password)])
            #expect(reset.headers[.location] == "\(address)?notice=reset")
            #expect(desk.letters.all.last?.body.contains("within one day") == true)
            try await desk.services.database.write { transaction in
                var changed = user
                changed.totpSecret = "sealed"
                try transaction.update(changed)
            }
            #expect(try await desk.browser.get(address).text.contains("\(address)/factor-off"))
            let off = try await desk.browser.post("\(address)/factor-off", [("password", TestPeople.password)])
            #expect(off.headers[.location] == "\(address)?notice=factorOff")
            #expect(desk.letters.all.last?.subject == "Your second factor was turned off")
            #expect(try await desk.services.database.read { try $0.user(user.id)?.totpSecret } == nil)
            #expect(desk.letters.count == 3)
        }
    }

    @Test func `nothing happens without the administrator's password, and errors stand at their fields`() async throws {
        try await Self.run(mail: false) { desk in
            let tries: [([(String, String)], String)] = [
                (Self.anna, "This is not your current password."),
                (Self.anna + [("password", "wrong")], "not your current"),
                (
                    [("email", "x"), ("name", "Anna"), ("role", "patient"), ("password", TestPeople.password)],
                    "e-mail address"
                ),
                (
                    [
                        ("email", "b@example.org"), ("name", "B\u{202E}"), ("role", "patient"),
                        ("password", TestPeople.password),
                    ],
                    "U+202E"
                ),
                (
                    [
                        ("email", "admin@example.org"), ("name", "B"), ("role", "patient"),
                        ("password", TestPeople.password),
                    ], "already"
                ),
                (
                    [("email", "b@example.org"), ("name", "B"), ("role", "king"), ("password", TestPeople.password)],
                    "Choose a role"
                ),
            ]
            for (fields, words) in tries {
                let answer = try await desk.browser.post("/admin/users/new", fields)
                #expect(answer.status == .unprocessableContent, "\(words)")
                #expect(answer.text.contains(words), "\(words)")
            }
            #expect(try await desk.services.database.read { try $0.countUsers(role: nil) } == 1)
            let other = try await TestPeople.make("p@example.org", in: desk.services)
            for act in ["reset", "factor-off"] {
                let answer = try await desk.browser.post("/admin/users/\(other.id)/\(act)", [("password", "wrong")])
                #expect(answer.status == .unprocessableContent && !answer.text.contains("localhost/reset/"))
            }
        }
    }
}
