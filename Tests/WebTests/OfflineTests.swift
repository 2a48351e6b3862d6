import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct OfflineTests {
    private static let account = HTTPField.Name("Offline-Account")
    private static let copy = HTTPField.Name("Offline-Copy")

    private static func object(_ response: TestResponse) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.text.utf8)) as? [String: Any])
    }

    @Test func `can be installed: a manifest with icons that are there, and a worker for the whole site`() async throws
    {
        try await TestSite.run { client in
            let answer = try await client.execute(uri: "/manifest.webmanifest", method: .get)
            #expect(answer.headers[.contentType] == "application/manifest+json")
            let manifest = try Self.object(answer)
            #expect(manifest["start_url"] as? String == "/" && manifest["scope"] as? String == "/")
            #expect(manifest["display"] as? String == "standalone")
            let icons = try #require(manifest["icons"] as? [[String: String]])
            #expect(Set(icons.compactMap { $0["sizes"] }) == ["any", "192x192", "512x512"])
            for icon in icons {
                let file = try await client.execute(uri: try #require(icon["src"]), method: .get)
                #expect(file.status == .ok && file.headers[.contentType] == icon["type"])
            }
            let worker = try await client.execute(uri: "/service-worker.js", method: .get)
            #expect(worker.headers[.contentType] == "text/javascript; charset=utf-8")
            #expect(worker.headers[.cacheControl] == "no-cache")
            let shared = try #require(worker.text.firstMatch(of: /^importScripts\("([^"]+)"\);/)).output.1
            #expect(try await client.execute(uri: String(shared), method: .get).status == .ok)
            let policy = answer.headers[try #require(HTTPField.Name("Content-Security-Policy"))] ?? ""
            #expect(policy.contains("manifest-src 'self'") && policy.contains("worker-src 'self'"))
            for page in ["/", "/offline", "/waiting"] {
                let shown = try await client.execute(uri: page, method: .get)
                #expect(shown.text.contains(#"<link rel="manifest" href="/manifest.webmanifest">"#))
            }
        }
    }

    @Test func `says whose a page is, and lets a patient's own pages be copied but no clinician's`() async throws {
        let (account, copy) = (try #require(Self.account), try #require(Self.copy))
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            let own = try await desk.browser.get("/cases/\(id)")
            let mark = try #require(own.headers[account])
            #expect(own.headers[copy] == "?1" && mark.count == 32)
            #expect(own.text.contains("data-account=\"\(mark)\""))
            for path in ["/", "/cases", "/learn", "/waiting"] {
                let page = try await desk.browser.get(path)
                #expect(page.headers[account] == mark && page.headers[copy] == "?1", "\(path)")
            }
            for path in ["/account", "/sharing", "/cases/\(id)/delete", "/cases/\(id)/print"] {
                let page = try await desk.browser.get(path)
                #expect(page.headers[account] == mark && page.headers[copy] == nil, "\(path)")
            }
            let administrator = try await TestPeople.browser(
                "admin@example.org", .administrator, client: desk.client, in: desk.services)
            let seen = try await administrator.get("/cases/\(id)")
            #expect(seen.status == .ok && seen.headers[copy] == nil)
            #expect(seen.headers[account] != mark && seen.headers[account] != nil)
            let reader = try await TestPeople.browser(
                "reader@example.org", .clinician, client: desk.client, in: desk.services)
            for path in ["/cases", "/readings"] {
                #expect(try await reader.get(path).headers[copy] == nil, "\(path) of a reader")
            }
            let login = try await TestBrowser(desk.client).get("/login")
            #expect(login.headers[account] == "nobody" && login.headers[copy] == nil)
        }
    }

    @Test func `tells a device who would send what waits, and nobody else's token`() async throws {
        try await CaseDesk.run { desk in
            let nobody = try await Self.object(TestBrowser(desk.client).get("/waiting/account"))
            #expect(nobody.isEmpty)
            let mine = try await Self.object(desk.browser.get("/waiting/account"))
            #expect(mine["csrf"] as? String == (try await desk.browser.csrf()))
            let page = try await desk.browser.get("/cases").headers[try #require(Self.account)]
            #expect(mine["account"] as? String == page)
        }
    }

    @Test func `what waited is one case and one image, however often it is sent, and is not brought back`() async throws
    {
        let key = try #require(HTTPField.Name("Idempotency-Key"))
        try await CaseDesk.run { desk in
            let id = CaseID()
            let body = [("title", "From the bus"), ("case", id.text)]
            let headers: HTTPFields = [.accept: "application/json", key: id.text]
            for _ in 0..<3 {
                #expect(try await desk.browser.post("/cases", body, headers: headers).status == .created)
                let sent = try await desk.send(
                    "/cases/\(id)/images", images: [CaseDesk.drawing(1)], fields: [("uploadKey", "one")], isScript: true
                )
                #expect(sent.status == .created)
            }
            #expect(try await desk.screenings(of: id).count == 1)
            #expect(try await desk.browser.post("/cases/\(id)/delete").status == .seeOther)
            #expect(try await desk.browser.post("/cases", body, headers: headers).status == .notFound)
        }
    }
}
