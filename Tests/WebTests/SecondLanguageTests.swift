import Clinic
import Findings
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing
import Web
import Wording

/// The site in a language made for the test: every English text in brackets.
@Suite struct SecondLanguageTests {
    /// A folder with the one language.
    private static func folder() throws -> URL {
        let english = TextCatalogue.installed.appending(path: "en.json")
        let root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: english)) as? [String: Any])
        func bracketed(_ node: Any) -> Any {
            if let text = node as? String { return "⟦\(text)⟧" }
            if let list = node as? [Any] { return list.map(bracketed) }
            return (node as? [String: Any])?.mapValues(bracketed) ?? node
        }
        var texts = root.mapValues(bracketed)
        texts["language"] = "en"
        let folder = try TestSite.temporaryDirectory()
        try JSONSerialization.data(withJSONObject: texts).write(to: folder.appending(path: "qps.json"))
        return folder
    }

    private static func run(_ test: @Sendable (CaseDesk) async throws -> Void) async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try await CaseDesk.run(configure: { ($0.language, $0.texts) = ("qps", folder) }, test)
    }

    @Test func `the page of a problem speaks the language of the site`() async throws {
        try await Self.run { desk in
            let page = try await desk.browser.get("/doctors/\(DoctorID())")
            #expect(page.status == .notFound)
            #expect(page.text.contains("⟦Not found⟧"))
            #expect(page.text.contains("⟦There is nothing at this address.⟧"))
        }
    }

    @Test func `a problem document speaks the language of the site`() async throws {
        try await Self.run { desk in
            let answer = try await desk.browser.send("/nowhere", .get, [.accept: "application/json"], ByteBuffer())
            let problem = try answer.object()
            #expect(problem["type"] as? String == "/problems/not-found")
            #expect(problem["title"] as? String == "⟦Not found⟧")
            #expect(problem["detail"] as? String == "⟦There is nothing at this address.⟧")
        }
    }

    @Test func `what is wrong with a field is told in the language of the site`() async throws {
        try await Self.run { desk in
            let answer = try await TestBrowser(desk.client).post(
                "/register", [("name", "Anna"), ("email", "nobody"), ("password", "three quiet herons")])
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("⟦Write an e-mail address such as name@example.org.⟧"))
        }
    }

    @Test func `a refused image and a stored failure are told in the language of the site`() async throws {
        try await Self.run { desk in
            let refused = try await desk.send("/cases", images: [Array("no picture".utf8)], isScript: true)
            let detail = try refused.object()["detail"] as? String
            #expect(detail?.hasPrefix("⟦We cannot read this as a picture.") == true, "\(detail ?? "")")
            let id = try await desk.makeCase()
            let now = Date()
            _ = try await desk.services.database.write { transaction in
                let claimed = try transaction.claimScreening(
                    worker: "w", now: now, leaseUntil: now.addingTimeInterval(60))
                return try transaction.fail(
                    #require(claimed).id, worker: "w",
                    failure: Message("errors.screenings.tried", ["count": 3]), at: now)
            }
            let page = try await desk.browser.get("/cases/\(id)")
            #expect(page.text.contains("⟦We tried this image 3 times"))
        }
    }
}
