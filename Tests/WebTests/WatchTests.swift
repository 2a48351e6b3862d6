import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Packaging
import Screening
import Testing
import Web

/// Somebody watches a live microscope by a link.
@Suite(.timeLimit(.minutes(15))) struct WatchTests {
    private static let demonstration = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Models/demonstration").standardizedFileURL

    private static func run(_ test: @Sendable (CaseDesk, TestClock) async throws -> Void) async throws {
        let clock = TestClock(Date())
        let release = try Screener(package: ModelPackage(directory: demonstration))
        let start = ContinuousClock.now
        try await CaseDesk.run(
            release: release,
            change: { services in
                services.clock = { clock.now }
                // Frames come as quickly as the test wants.
                services.pace = { start + (ContinuousClock.now - start) * 1000 }
            }
        ) { desk in
            try await test(desk, clock)
        }
    }

    /// Makes a link; its path and its identifier.
    private static func link(_ desk: CaseDesk, hours: String = "2") async throws -> (path: String, id: String) {
        let made = try await desk.browser.post("/live/links", [("hours", hours)])
        #expect(made.status == .created)
        let object = try made.object()
        let address = try #require(object["address"] as? String)
        let match = try #require(address.firstMatch(of: #/\/watch\/[A-Za-z0-9_-]{43}$/#))
        return (String(match.output), try #require(object["id"] as? String))
    }

    /// Sends a frame, as the live page does; the bytes.
    private static func show(_ desk: CaseDesk, session: String) async throws -> [UInt8] {
        let field = try DrawnSmear.draw(class: 3, seed: 3, side: 960).resized(width: 480, height: 480)
        let bytes = try ImageEncoder.jpeg(field, quality: 85)
        var headers: HTTPFields = [.contentType: "image/jpeg"]
        headers[try #require(.init("X-CSRF-Token"))] = try await desk.browser.csrf()
        let answer = try await desk.browser.send(
            "/live/frames?session=\(session)&width=960", .post, headers, ByteBuffer(bytes: bytes))
        #expect(answer.status == .ok)
        return bytes
    }

    @Test func `the page of a link tells nothing, and is not counted; one that ended leads nowhere`() async throws {
        try await Self.run { desk, clock in
            let stranger = TestBrowser(desk.client)
            let (path, id) = try await Self.link(desk)
            let page = try await stranger.get(path)
            #expect(page.status == .ok && page.headers[.cacheControl] == "no-store")
            #expect(page.headers[try #require(HTTPField.Name("X-Robots-Tag"))] == "noindex, nofollow, noarchive")
            #expect(!page.text.contains("owner@example.org") && !page.text.contains("Somebody Else"))
            // Nobody shows anything, and nobody is there to be talked to.
            #expect(try await stranger.get("\(path)/frame").status == .notFound)
            #expect(try await stranger.postWithoutToken("\(path)/talk", [("text", "hello")]).status == .forbidden)
            let records = try await desk.services.database.read {
                try $0.auditRecords(after: 0, limit: 1000).map(\.entry)
            }
            let made = try #require(records.last { $0.action == .live(.link) })
            let secret = String(path.split(separator: "/")[1])
            #expect(!made.detail.contains(secret) && made.detail.contains(id))
            #expect(!records.contains { $0.action == .live(.openLink) })
            #expect(try await desk.browser.post("/live/links/\(id)/revoke").status == .ok)
            #expect(try await desk.browser.post("/live/links/\(id)/revoke").status == .notFound)
            let (late, _) = try await Self.link(desk, hours: "1")
            clock.now += 3601
            for gone in [path, late, "/watch/x", "/watch/\(SecretToken().text)"] {
                for rest in ["", "/events", "/frame"] {
                    #expect(try await stranger.get(gone + rest).status == .notFound, "\(gone)\(rest)")
                }
            }
        }
    }

    @Test func `a link lasts for hours within the limits, and there are five of one person`() async throws {
        try await Self.run { desk, _ in
            for hours in ["0", "13", "x"] {
                #expect(
                    try await desk.browser.post("/live/links", [("hours", hours)]).status == .unprocessableContent)
            }
            for _ in 0..<5 { _ = try await Self.link(desk) }
            #expect(try await desk.browser.post("/live/links", [("hours", "2")]).status == .tooManyRequests)
            // Another's link is nobody else's to end.
            let stranger = try await TestPeople.browser("other@example.org", client: desk.client, in: desk.services)
            let (_, theirs) = try await Self.link(
                CaseDesk(browser: stranger, client: desk.client, services: desk.services))
            #expect(try await desk.browser.post("/live/links/\(theirs)/revoke").status == .notFound)
        }
    }

    private static func listed(_ browser: TestBrowser) async throws -> [[String: Any]] {
        let answer = try await browser.get("/live/links", headers: [.accept: "application/json"])
        #expect(answer.status == .ok)
        return try #require(
            try JSONSerialization.jsonObject(with: Data(answer.body.readableBytesView)) as? [[String: Any]])
    }

    /// How often somebody began to watch.
    private static func openings(_ desk: CaseDesk) async throws -> Int {
        try await desk.services.database.read { transaction in
            try transaction.auditRecords(after: 0, limit: 1000).count { $0.entry.action == .live(.openLink) }
        }
    }

    @Test func `every open link is listed for its owner, and ended, from any page of theirs`() async throws {
        try await Self.run { desk, clock in
            let (first, firstID) = try await Self.link(desk, hours: "1")
            let (second, secondID) = try await Self.link(desk)
            let (third, thirdID) = try await Self.link(desk)
            // Another device of the owner, which knows nothing of what the page that made them knew.
            let elsewhere = TestBrowser(desk.client)
            elsewhere.cookies = desk.browser.cookies
            let all = try await Self.listed(elsewhere)
            #expect(Set(all.compactMap { $0["id"] as? String }) == [firstID, secondID, thirdID])
            let secret = String(first.split(separator: "/")[1])
            #expect(all.allSatisfy { !"\($0)".contains(secret) })
            let stranger = try await TestPeople.browser("other@example.org", client: desk.client, in: desk.services)
            #expect(try await Self.listed(stranger).isEmpty)
            #expect(try await stranger.post("/live/links/revoke").status == .ok)
            #expect(try await elsewhere.post("/live/links/\(secondID)/revoke").status == .ok)
            #expect(try await Set(Self.listed(elsewhere).compactMap { $0["id"] as? String }) == [firstID, thirdID])
            clock.now += 3601
            #expect(try await Self.listed(elsewhere).compactMap { $0["id"] as? String } == [thirdID])
            #expect(try await TestBrowser(desk.client).get(third).status == .ok)
            #expect(try await elsewhere.post("/live/links/revoke").status == .ok)
            #expect(try await Self.listed(elsewhere).isEmpty)
            for path in [first, second, third] {
                #expect(try await TestBrowser(desk.client).get(path).status == .notFound, "\(path)")
            }
            let ended = try await desk.services.database.read { transaction in
                try transaction.auditRecords(after: 0, limit: 1000).map(\.entry)
                    .filter { $0.action == .live(.unlink) }.map(\.detail)
            }
            #expect(ended == ["link=\(secondID)", "link=\(thirdID)"])
        }
    }

    @Test func `whoever watches is told whether the microscope's page is open at this node`() async throws {
        try await Self.run { desk, _ in
            let (path, _) = try await Self.link(desk)
            let watching = Task { try await TestBrowser(desk.client).get("\(path)/events") }
            // Nothing can be said while nobody is in the room.
            try await eventually("somebody to watch") {
                try await desk.browser.post("/live/talk", [("text", "Come in")]).status == .ok
            }
            let owner = TestBrowser(desk.client)
            owner.cookies = desk.browser.cookies
            let talking = Task { try await owner.get("/live/talk") }
            // Whoever comes once the owner's page is here is told that it is; each of these leaves by the end of their own link.
            try await eventually("the owner's page") {
                let (brief, id) = try await Self.link(desk)
                let before = try await Self.openings(desk)
                let looking = Task { try await TestBrowser(desk.client).get("\(brief)/events") }
                try await eventually("a second one to watch") { try await Self.openings(desk) > before }
                #expect(try await desk.browser.post("/live/links/\(id)/revoke").status == .ok)
                return try await looking.value.text.contains("event: microscope\ndata: {\"isOpen\":true}")
            }
            #expect(try await desk.browser.post("/live/links/revoke").status == .ok)
            let text = try await watching.value.text
            let (closed, open) = (text.firstRange(of: "{\"isOpen\":false}"), text.firstRange(of: "{\"isOpen\":true}"))
            #expect(try #require(closed).lowerBound < #require(open).lowerBound, "\(text)")
            #expect(try await talking.value.text.hasSuffix("event: end\ndata: {}\n\n"))
        }
    }

    @Test func `whoever watches gets frames and words, until the link is ended`() async throws {
        try await Self.run { desk, _ in
            let session = try #require(try await desk.browser.post("/live").object()["session"] as? String)
            let (path, id) = try await Self.link(desk)
            // A frame that nobody watches is kept nowhere.
            _ = try await Self.show(desk, session: session)
            let stranger = TestBrowser(desk.client)
            #expect(try await stranger.get("\(path)/frame").status == .notFound)
            // The stream ends with the link, so all of it is in the answer.
            let watching = Task { try await TestBrowser(desk.client).get("\(path)/events") }
            try await eventually("somebody to watch") {
                try await desk.services.database.read { transaction in
                    try transaction.auditRecords(after: 0, limit: 1000).contains { $0.entry.action == .live(.openLink) }
                }
            }
            var shown: [UInt8] = []
            try await eventually("the frame") {
                shown = try await Self.show(desk, session: session)
                return try await stranger.get("\(path)/frame").status == .ok
            }
            #expect(Array(try await stranger.get("\(path)/frame").body.readableBytesView) == shown)
            let csrf = try #require(
                try await stranger.get(path).text.firstMatch(of: /data-csrf="([^"]+)"/)?.output.1)
            let said = try await stranger.postWithoutToken(
                "\(path)/talk", [("text", "Is that <b>a blast</b>?"), ("name", "Meera"), ("csrf", String(csrf))])
            #expect(said.status == .ok, "\(said.text)")
            #expect(try await desk.browser.post("/live/talk", [("text", "I think so")]).status == .ok)
            #expect(
                try await desk.browser.post("/live/talk", [("text", String(repeating: "x", count: 501))]).status
                    == .badRequest)
            #expect(try await desk.browser.post("/live/links/\(id)/revoke").status == .ok)
            let events = try await watching.value
            #expect(events.headers[.contentType] == "text/event-stream")
            let text = events.text
            #expect(text.contains("event: watchers\ndata: {\"count\":1}"))
            #expect(text.contains("event: frame\ndata: {\"number\":1,\"hint\":{"))
            #expect(text.contains("\"from\":\"Meera\"") && text.contains("Is that <b>a blast"))
            #expect(text.contains("I think so"))
            #expect(text.hasSuffix("event: end\ndata: {}\n\n"))
            #expect(try await stranger.get("\(path)/frame").status == .notFound)
        }
    }
}
