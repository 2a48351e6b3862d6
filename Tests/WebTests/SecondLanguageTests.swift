import Clinic
import Findings
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing
import Web
import Wording

/// The site in the pseudo-language.
@Suite struct SecondLanguageTests {
    private static func run(_ test: @Sendable (CaseDesk) async throws -> Void) async throws {
        let folder = try PseudoLanguage.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try await CaseDesk.run(configure: { ($0.language, $0.texts) = (PseudoLanguage.tag, folder) }, test)
    }

    @Test func `the page of a problem speaks the language of the site`() async throws {
        try await Self.run { desk in
            let page = try await desk.browser.get("/doctors/\(DoctorID())")
            #expect(page.status == .notFound)
            #expect(page.text.contains(PseudoLanguage.strange("Not found")))
            #expect(page.text.contains(PseudoLanguage.strange("There is nothing at this address.")))
        }
    }

    @Test func `a problem document speaks the language of the site`() async throws {
        try await Self.run { desk in
            let answer = try await desk.browser.send("/nowhere", .get, [.accept: "application/json"], ByteBuffer())
            let problem = try answer.object()
            #expect(problem["type"] as? String == "/problems/not-found")
            #expect(problem["title"] as? String == PseudoLanguage.strange("Not found"))
            #expect(problem["detail"] as? String == PseudoLanguage.strange("There is nothing at this address."))
        }
    }

    @Test func `what is wrong with a field is told in the language of the site`() async throws {
        try await Self.run { desk in
            let answer = try await TestBrowser(desk.client).post(
                "/register", [("name", "Anna"), ("email", "nobody"), ("password", "three quiet herons")])
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains(PseudoLanguage.strange("Write an e-mail address such as name@example.org.")))
        }
    }

    @Test func `a refused image and a stored failure are told in the language of the site`() async throws {
        try await Self.run { desk in
            let refused = try await desk.send("/cases", images: [Array("no picture".utf8)], isScript: true)
            let detail = try refused.object()["detail"] as? String
            #expect(
                detail?.hasPrefix(
                    PseudoLanguage.strange("We cannot read this as a picture.").prefix { $0 != "~" && $0 != "⟧" })
                    == true, "\(detail ?? "")")
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
            #expect(
                page.text.contains(
                    PseudoLanguage.strange("We tried this image 3 times").prefix { $0 != "~" && $0 != "⟧" }))
        }
    }
}
