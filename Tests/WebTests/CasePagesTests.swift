import Clinic
import Findings
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Screening
import Testing
import Web

@Suite(.timeLimit(.minutes(10)))
struct CasePagesTests {
    @Test(
        arguments: [
            (Decision.report, "pre-b", "Malignant Pre-B", "One image reported as malignant"),
            (.report, "benign", "No leukaemia cells seen in these pictures", "not every one on a qualified microscope"),
            (.uncertain, "benign", "Undecided", "so we say neither"),
            (.rejected, "benign", "No usable image", "say nothing about the person"),
        ])
    func `a case says what its images come to, by which rule, and that it is no diagnosis`(
        decision: Decision, label: String, headline: String, rule: String
    ) async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: decision, label: label)) { desk in
            let id = try await desk.makeCase(images: 2, of: label)
            try await desk.screenAll()
            let page = try await desk.browser.get("/cases/\(id)").text
            #expect(page.contains(headline))
            #expect(page.contains(rule))
            #expect(page.contains("not a diagnosis"))
            let print = try await desk.browser.get("/cases/\(id)/print").text
            #expect(print.contains(headline))
        }
    }

    @Test func `the page of a screening shows its class, pictures by address, and two tabs`() async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pro-b")) { desk in
            let id = try await desk.makeCase(of: "pro-b")
            try await desk.screenAll()
            let screening = try await desk.screenings(of: id)[0]
            let page = try await desk.browser.get("/screenings/\(screening.id)").text
            #expect(page.contains("Malignant Pro-B"))
            #expect(page.contains("/screenings/\(screening.id)/pictures/map.png"))
            #expect(page.contains("not a diagnosis"))
            let seen = try await desk.browser.get("/screenings/\(screening.id)?tab=analytics")
            #expect(seen.status == .ok)
            #expect(seen.text.contains("aria-current=\"page\">How the answer was made"))
        }
    }

    @Test func `a rejected image never shows a class, on any page`() async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .rejected, label: "pre-b")) { desk in
            let id = try await desk.makeCase()
            try await desk.screenAll()
            let screening = try await desk.screenings(of: id)[0]
            for path in [
                "/cases/\(id)", "/cases/\(id)/print", "/cases", "/screenings/\(screening.id)",
                "/screenings/\(screening.id)?tab=analytics", "/cases/\(id)/status",
            ] {
                let text = try await desk.browser.get(path).text
                for name in ["Malignant", "haematogones", "pre-b\"", "map.png"] {
                    #expect(!text.contains(name) || (path == "/cases" && name == "pre-b\""), "\(path) says \(name)")
                }
            }
            for name in ["map.png", "overlay.png", "heat.png"] {
                let heat = try await desk.browser.get("/screenings/\(screening.id)/pictures/\(name)")
                #expect(heat.status == .notFound, "\(name)")
            }
        }
    }

    @Test func `pictures are images and nothing else, kept by the browser alone, which asks each time`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            try await desk.screenAll()
            let folder = "/screenings/\(try await desk.screenings(of: id)[0].id)/pictures"
            for (name, type) in [("display.jpg", "image/jpeg"), ("original", "image/png")] {
                let answer = try await desk.browser.get("\(folder)/\(name)")
                #expect(answer.status == .ok)
                #expect(answer.headers[.contentType] == type)
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                #expect(answer.headers[.cacheControl] == "private, no-cache")
                let tag = try #require(answer.headers[.eTag])
                #expect(tag.hasPrefix("\"") && tag.count == 34)
                let again = try await desk.browser.get("\(folder)/\(name)", headers: [.ifNoneMatch: tag])
                #expect(again.status == .notModified && again.body.readableBytes == 0)
                #expect(again.headers[.eTag] == tag && again.headers[.contentType] == nil)
                let other = try await desk.browser.get("\(folder)/\(name)", headers: [.ifNoneMatch: "\"0\""])
                #expect(other.status == .ok)
            }
            // What is shown again out of the browser's cache was looked at all the same.
            #expect(try await desk.actions().filter { $0 == "screening.picture" }.count == 6)
            let tag = try #require(try await desk.browser.get("\(folder)/display.jpg").headers[.eTag])
            let stranger = try await TestPeople.browser("stranger@example.org", client: desk.client, in: desk.services)
            let refused = try await stranger.get("\(folder)/display.jpg", headers: [.ifNoneMatch: tag])
            #expect(refused.status == .notFound)
            for name in ["none.jpg", "..%2F..%2Fsecret.key", "display.jpg%00", "a.svg", ".jpg", "x.y.jpg"] {
                let answer = try await desk.browser.get("\(folder)/\(name)")
                #expect((400..<500).contains(answer.status.code), "\(name)")
            }
        }
    }

    @Test func `everything of a case is not there for others`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            try await desk.screenAll()
            let record = try await desk.screenings(of: id)[0]
            let other = try await TestPeople.browser(
                "other@example.org", .clinician, client: desk.client, in: desk.services)
            for path in [
                "/cases/\(id)", "/cases/\(id)/print", "/cases/\(id)/status", "/cases/\(id)/events",
                "/cases/\(id)/delete", "/cases/\(id)/images/\(record.imageID)/delete", "/screenings/\(record.id)",
                "/screenings/\(record.id)/pictures/display.jpg", "/compare?a=\(id)&b=\(id)", "/cases/nothing",
            ] {
                let answer = try await other.get(path)
                #expect(answer.status == .notFound, "\(path)")
            }
            for path in ["/cases/\(id)/rename", "/cases/\(id)/delete", "/cases/\(id)/images/\(record.imageID)/delete"] {
                let answer = try await other.post(path, [("title", "mine")])
                #expect(answer.status == .notFound, "\(path)")
            }
            // Once a screening is shared, a clinician sees that one, and still nothing of the case.
            let clinician = try #require(
                try await desk.services.database.read { try $0.user(email: "other@example.org") })
            try await desk.services.database.write {
                try $0.share(record.id, with: clinician.id, allowsTraining: false, at: Date())
            }
            #expect(try await other.get("/screenings/\(record.id)").status == .ok)
            #expect(try await other.get("/cases/\(id)").status == .notFound)
            let delete = try await other.get("/cases/\(id)/delete")
            #expect(delete.status == .notFound)
            let renamed = try await other.post("/cases/\(id)/rename", [("title", "mine")])
            #expect(renamed.status == .notFound)
        }
    }

    @Test func `a case is renamed, found by its new name, and deleted with its files`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase("Before")
            try await desk.screenAll()
            let renamed = try await desk.browser.post(
                "/cases/\(id)/rename", [("title", "Überprobe 12"), ("note", "left <b>arm</b>")])
            #expect(renamed.status == .seeOther)
            let page = try await desk.browser.get("/cases/\(id)").text
            #expect(page.contains("left &lt;b&gt;arm"))
            let found = try await desk.browser.get("/cases?search=uberprobe").text
            #expect(found.contains("/cases/\(id)"))
            let notFound = try await desk.browser.get("/cases?search=before").text
            #expect(notFound.contains("Nothing found"))
            let bad = try await desk.browser.post("/cases/\(id)/rename", [("title", " ")])
            #expect((400..<500).contains(bad.status.code))
            let question = try await desk.browser.get("/cases/\(id)/delete").text
            #expect(question.contains("Überprobe 12"))
            let deleted = try await desk.browser.post("/cases/\(id)/delete")
            #expect(deleted.headers[.location] == "/cases")
            let gone = try await desk.browser.get("/cases/\(id)")
            #expect(gone.status == .notFound)
            let files = try await desk.files()
            #expect(files.isEmpty)
        }
    }

    @Test func `an image is deleted alone`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase(images: 2)
            let first = try await desk.screenings(of: id)[0]
            let answer = try await desk.browser.post("/cases/\(id)/images/\(first.imageID)/delete")
            #expect(answer.headers[.location] == "/cases/\(id)")
            let left = try await desk.screenings(of: id)
            #expect(left.count == 1)
            let again = try await desk.browser.post("/cases/\(id)/images/\(first.imageID)/delete")
            #expect(again.status == .notFound)
        }
    }

    @Test func `a long list comes in pages that leave nothing out and repeat nothing`() async throws {
        try await CaseDesk.run { desk in
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            // Three share each moment, so that a page ends among equals.
            try await desk.services.database.write { transaction in
                for number in 0..<45 {
                    let time = Date(timeIntervalSince1970: 1_800_000_000 + Double(number / 3))
                    try transaction.insert(
                        SmearCase(ownerID: owner.id, title: "Case \(number)", createdAt: time, updatedAt: time))
                }
            }
            var seen: [String] = []
            var next: String? = "/cases"
            while let address = next, seen.count < 100 {
                let text = try await desk.browser.get(address).text
                seen += text.matches(of: /class="case-title">(Case \d+)</).map { String($0.output.1) }
                let link = text.firstMatch(of: /href="([^"]+)" rel="next"/).map { String($0.output.1) }
                next = link?.replacing("&amp;", with: "&")
            }
            #expect(seen.count == 45)
            #expect(Set(seen).count == 45)
        }
    }

    @Test func `chips keep the search, and show only what they name`() async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "benign")) { desk in
            let id = try await desk.makeCase("Sample one", of: "benign")
            try await desk.screenAll()
            let shown = try await desk.browser.get("/cases?search=sample&label=benign").text
            #expect(shown.contains("/cases/\(id)"))
            #expect(shown.contains("search=sample&amp;decision=uncertain"))
            let hidden = try await desk.browser.get("/cases?search=sample&label=pro-b").text
            #expect(!hidden.contains("/cases/\(id)"))
        }
    }

    @Test func `two cases are compared in words, by ticked boxes too`() async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pre-b")) { desk in
            let (a, b) = (
                try await desk.makeCase("One", of: "pre-b"), try await desk.makeCase("Two", images: 2, of: "pre-b")
            )
            try await desk.screenAll()
            let ticked = try await desk.browser.get("/compare?case=\(a)&case=\(b)")
            #expect(ticked.headers[.location] == "/compare?a=\(a)&b=\(b)")
            let text = try await desk.browser.get("/compare?a=\(a)&b=\(b)").text
            for words in ["Both cases have the same result: Malignant Pre-B", "1 image", "2 images", "may be chance"] {
                #expect(text.contains(words), "\(words)")
            }
            let one = try await desk.browser.get("/compare?case=\(a)")
            #expect(one.status == .badRequest)
        }
    }

    @Test(
        arguments: [
            ("/cases", "case.list"), ("/cases/{case}", "case.read"), ("/cases/{case}/print", "case.print"),
            ("/cases/{case}/status", "case.read"), ("/cases/{case}/events", "case.read"),
            ("/screenings/{screening}", "screening.read"),
            ("/screenings/{screening}/pictures/display.jpg", "screening.picture"),
            ("/compare?a={case}&b={case}", "case.read"),
        ])
    func `every reading is in the audit log`(path: String, action: String) async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            try await desk.screenAll()
            let screening = try await desk.screenings(of: id)[0].id
            let address = path.replacing("{case}", with: id.text).replacing("{screening}", with: screening.text)
            let before = try await desk.actions().count
            let answer = try await desk.browser.get(address)
            #expect(answer.status == .ok)
            let actions = try await desk.actions()
            #expect(actions.count > before)
            #expect(actions.last == action)
        }
    }
}
