import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct CsrfTests {
    @Test func `refuses a form without the token or with that of another browser`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let words = [("email", user.email), ("password", TestPeople.password)]
            let other = try await TestBrowser(client).csrf()
            let browser = TestBrowser(client)
            _ = try await browser.csrf()
            #expect(try await browser.postWithoutToken("/login", words).status == .forbidden)
            #expect(try await browser.postWithoutToken("/login", words + [("csrf", other)]).status == .forbidden)
            #expect(try await browser.post("/login", words).status == .seeOther)
        }
    }

    @Test func `a token of before the login is worth nothing after it`() async throws {
        try await TestSite.run { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browser = TestBrowser(client)
            let before = try await browser.csrf()
            _ = try await browser.post("/login", [("email", user.email), ("password", TestPeople.password)])
            let answer = try await browser.postWithoutToken("/account/sign-out-everywhere", [("csrf", before)])
            #expect(answer.status == .forbidden)
        }
    }

    @Test func `accepts the token in the header of a script`() async throws {
        try await TestSite.run { client, services in
            let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
            let header = try #require(HTTPField.Name("X-CSRF-Token"))
            let answer = try await browser.send(
                "/account/sign-out-everywhere", .post, [header: try await browser.csrf()], ByteBuffer())
            #expect(answer.status == .ok)
        }
    }

    @Test func `refuses a form larger than its limit`() async throws {
        try await TestSite.run { client in
            let browser = TestBrowser(client)
            let answer = try await browser.post("/login", [("email", String(repeating: "a", count: 70_000))])
            #expect(answer.status == .contentTooLarge)
        }
    }

    @Test func `tells browsers to insist on TLS only where there is TLS`() async throws {
        for (url, expected) in [("https://smears.example.org", true), (nil, false)] as [(String?, Bool)] {
            try await TestSite.run(configure: { $0.publicURL = url.flatMap { URL(string: $0) } }) { client in
                let answer = try await client.execute(uri: "/", method: .get)
                #expect((answer.headers[.strictTransportSecurity] != nil) == expected)
            }
        }
    }

    @Test func `keeps personal pages out of every cache`() async throws {
        try await TestSite.run { client, services in
            let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
            for path in ["/account", "/account/totp", "/cases", "/", "/login"] {
                #expect(try await browser.get(path).headers[.cacheControl] == "no-store", "\(path)")
            }
        }
    }

    @Test(arguments: [
        ("a=1&b=%C3%BC+x&a=2", ["a": ["1", "2"], "b": ["ü x"]]), ("", [:]), ("a", ["a": [""]]),
        ("%zz=%4", ["%zz": ["%4"]]),
        ("a=b=c&&=d", ["a": ["b=c"], "": ["d"]]),
    ])
    func `reads forms as the standard says`(text: String, fields: [String: [String]]) {
        let form = FormFields(parsing: Array(text.utf8))
        for (name, values) in fields { #expect(form.all(name) == values) }
        #expect(form["none"] == nil)
    }
}
