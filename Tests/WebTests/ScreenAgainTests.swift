import Clinic
import Findings
import Foundation
import HTTPTypes
import HummingbirdTesting
import Screening
import Testing
import Web

@Suite(.timeLimit(.minutes(10)))
struct ScreenAgainTests {
    /// Takes the stored images away, has them fail, and puts them back.
    static func fail(_ desk: CaseDesk) async throws {
        let archive = desk.services.archive
        let keys = try await archive.keys(under: "images/")
        var kept: [String: [UInt8]] = [:]
        for key in keys {
            kept[key] = try await archive.bytes(at: key)
            try await archive.remove(key)
        }
        try await desk.screenAll()
        for (key, bytes) in kept { try await archive.store(bytes, at: key) }
    }

    @Test func `the owner has failed images screened again, one or all, and gets their answers`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase(images: 3)
            try await Self.fail(desk)
            #expect(try await desk.screenings(of: id).map(\.state) == [.failed, .failed, .failed])
            let page = try await desk.browser.get("/cases/\(id)").text
            #expect(page.contains("Screen the 3 failed images again"))
            let single = try #require(page.firstMatch(of: #/action="(/cases/[\w-]+/images/[\w-]+/again)"/#)).output.1
            let answer = try await desk.browser.post(String(single))
            #expect(answer.status == .seeOther && answer.headers[.location] == "/cases/\(id)")
            #expect(try await desk.screenings(of: id).map(\.state) == [.queued, .failed, .failed])
            #expect(try await desk.browser.get("/cases/\(id)").text.contains("Screen the 2 failed images again"))
            #expect(try await desk.browser.post("/cases/\(id)/again").status == .seeOther)
            try await desk.screenAll()
            #expect(try await desk.screenings(of: id).allSatisfy { $0.state == .done })
            let done = try await desk.browser.get("/cases/\(id)").text
            #expect(!done.contains("/again"))
            #expect(try await desk.browser.post(String(single)).status == .unprocessableContent)
            #expect(try await desk.actions().filter { $0 == "screening.again" }.count == 3)
        }
    }

    @Test func `an administrator who looks at the case sees no such button`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            try await Self.fail(desk)
            let administrator = try await TestPeople.browser(
                "admin@example.org", .administrator, client: desk.client, in: desk.services)
            let page = try await administrator.get("/cases/\(id)")
            #expect(page.status == .ok && !page.text.contains("/again"))
            #expect(try await administrator.post("/cases/\(id)/again").status == .notFound)
        }
    }

    @Test func `programs put a failed screening into the queue again, and may ask twice`() async throws {
        try await APISite.run(isScreening: false) { site in
            let id = try await site.makeCase()
            let form = TestSite.form(try TestSite.picture())
            let answer = try await site.ask(.post, "/api/v1/cases/\(id)/images", form: form).object()
            let screening = try #require((answer["screening"] as? [String: Any])?["id"] as? String)
            let (known, path) = (try #require(ScreeningID(screening)), "/api/v1/screenings/\(screening)")
            let failed = try await site.services.database.write { transaction in
                let now = site.services.clock()
                _ = try transaction.claimScreening(worker: "w", now: now, leaseUntil: now + 60)
                return try transaction.fail(known, worker: "w", failure: Message("errors.internal"), at: now)
            }
            #expect(failed)
            #expect(try await site.ask(.get, path).object()["failure"] != nil)
            for _ in 0..<2 {
                let again = try await site.ask(.post, "\(path)/again")
                #expect(again.status == .accepted && again.headers[.location] == path)
                let object = try again.object()
                #expect(object["state"] as? String == "queued" && object["failure"] == nil)
            }
        }
    }
}
