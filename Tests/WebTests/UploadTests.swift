import Casework
import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Web

@Suite(.timeLimit(.minutes(10)))
struct UploadTests {
    @Test(arguments: ["/screen", "/cases"])
    func `the form of the home page makes a case, without a script`(path: String) async throws {
        try await CaseDesk.run { desk in
            let answer = try await desk.send(path, images: [CaseDesk.drawing(1)], fields: [("title", "Sample 7")])
            #expect(answer.status == .seeOther)
            let page = try await desk.browser.get(try #require(answer.headers[.location]))
            #expect(page.status == .ok)
            #expect(page.text.contains("Sample 7"))
            #expect(page.text.contains("Waiting"))
            let actions = try await desk.actions()
            #expect(actions.suffix(3) == ["case.create", "image.add", "case.read"])
        }
    }

    @Test func `a script makes a case once and sends each image once, however often it tries`() async throws {
        try await CaseDesk.run { desk in
            let fields = [("title", "Sample 8"), ("case", CaseID().text)]
            for _ in 0..<2 {
                let made = try await desk.browser.post("/cases", fields, headers: [.accept: "application/json"])
                #expect(made.status == .created)
                #expect(try made.object()["id"] as? String == fields[1].1)
            }
            var images = Set<String>()
            for _ in 0..<3 {
                let sent = try await desk.send(
                    "/cases/\(fields[1].1)/images", images: [CaseDesk.drawing(1)], fields: [("uploadKey", "key-1")],
                    isScript: true)
                #expect(sent.status == .created)
                let list = try #require(try sent.object()["images"] as? [[String: Any]])
                images.insert(try #require(list.first?["image"] as? String))
            }
            #expect(images.count == 1)
            let files = try await desk.files()
            #expect(files.count == 1)
        }
    }

    @Test func `a form that is sent again adds nothing again, and another image with it does`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase(images: 2)
            for seeds in [[0, 1], [1, 2]] {
                let images = try seeds.map { try CaseDesk.drawing($0) }
                let answer = try await desk.send("/cases/\(id)/images", images: images)
                #expect(answer.status == .seeOther)
            }
            let screenings = try await desk.screenings(of: id)
            #expect(screenings.count == 3)
        }
    }

    @Test func `one broken file does not keep the others out, and the page says so`() async throws {
        try await CaseDesk.run { desk in
            let images = [try CaseDesk.drawing(1), Array("no image".utf8), try CaseDesk.drawing(2)]
            let answer = try await desk.send("/cases", images: images)
            let address = try #require(answer.headers[.location])
            #expect(address.hasSuffix("?refused=1"))
            let page = try await desk.browser.get(address)
            #expect(page.text.contains("We could not use one of the files"))
            let files = try await desk.files()
            #expect(files.count == 2)
        }
    }

    @Test func `a case is not made of files that are no images`() async throws {
        try await CaseDesk.run { desk in
            let answer = try await desk.send("/cases", images: [Array("no image".utf8)])
            #expect(answer.status == .unsupportedMediaType)
            let empty = try await desk.send("/cases", images: [])
            #expect(empty.status == .badRequest)
            let list = try await desk.browser.get("/cases")
            #expect(list.text.contains("No cases yet"))
            let files = try await desk.files()
            #expect(files.isEmpty)
        }
    }

    @Test func `a form that another site made is refused before anything is kept`() async throws {
        try await CaseDesk.run { desk in
            let answer = try await desk.send("/cases", images: [CaseDesk.drawing(1)], hasToken: false)
            #expect(answer.status == .forbidden)
            let (files, list) = (try await desk.files(), try await desk.browser.get("/cases"))
            #expect(files.isEmpty)
            #expect(list.text.contains("No cases yet"))
        }
    }

    @Test func `a full queue answers at once, and says when to come back`() async throws {
        try await CaseDesk.run(change: { services in
            services.intake = ImageIntake(
                database: services.database, archive: services.archive,
                quota: IntakeQuota(waiting: QueueLimits(inAll: 0)))
        }) { desk in
            let answer = try await desk.send("/cases", images: [CaseDesk.drawing(1)], isScript: true)
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers[.retryAfter] == "10")
        }
    }

    @Test func `what an account may hold is said in words`() async throws {
        try await CaseDesk.run(change: { services in
            services.intake = ImageIntake(
                database: services.database, archive: services.archive, quota: IntakeQuota(imagesPerDay: 1))
        }) { desk in
            let id = try await desk.makeCase()
            let answer = try await desk.send("/cases/\(id)/images", images: [CaseDesk.drawing(5)], isScript: true)
            #expect((400..<500).contains(answer.status.code))
            #expect((try answer.object()["detail"] as? String)?.contains("24 hours") == true)
        }
    }

    @Test func `an image over the limit is refused`() async throws {
        try await CaseDesk.run(configure: { $0.upload = UploadLimits(fileBytes: 1000) }) { desk in
            let answer = try await desk.send(
                "/cases", images: [TestSite.picture(side: 64)], isScript: true)
            #expect(answer.status == .contentTooLarge)
            let files = try await desk.files()
            #expect(files.isEmpty)
        }
    }

    @Test func `too many images in one form are refused`() async throws {
        try await CaseDesk.run { desk in
            let images = try (0..<13).map { try CaseDesk.drawing($0) }
            let answer = try await desk.send("/cases", images: images, isScript: true)
            #expect(answer.status == .contentTooLarge)
        }
    }

    @Test func `nobody adds to another's case`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            let other = try await TestPeople.browser("other@example.org", client: desk.client, in: desk.services)
            let stranger = CaseDesk(browser: other, client: desk.client, services: desk.services)
            for path in ["/cases/\(id)/images", "/cases"] {
                let answer = try await stranger.send(
                    path, images: [CaseDesk.drawing(3)], fields: [("case", id.text)], isScript: true)
                #expect(answer.status == .notFound)
            }
            let screenings = try await desk.screenings(of: id)
            #expect(screenings.count == 1)
        }
    }
}
