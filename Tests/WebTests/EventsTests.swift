import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Web

@Suite(.timeLimit(.minutes(10)))
struct EventsTests {
    @Test func `the status counts what waits and changes its version with the state`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase(images: 2)
            let waiting = try await desk.browser.get("/cases/\(id)/status").object()
            #expect(waiting["pending"] as? Int == 2)
            let images = try #require(waiting["images"] as? [[String: Any]])
            #expect(images.map { $0["position"] as? Int } == [0, 1])
            try await desk.screenAll()
            let done = try await desk.browser.get("/cases/\(id)/status").object()
            #expect(done["pending"] as? Int == 0)
            #expect(done["version"] as? String != waiting["version"] as? String)
        }
    }

    @Test func `the stream of a case that is done says so and ends`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            try await desk.screenAll()
            let answer = try await desk.browser.get("/cases/\(id)/events")
            #expect(answer.headers[.contentType] == "text/event-stream")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.text.contains("event: status\ndata: {"))
            #expect(answer.text.hasSuffix("event: end\ndata: {}\n\n"))
        }
    }

    @Test func `a stream finds what a worker of another node did, though nobody tells it`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            let stream = Task { try await desk.browser.get("/cases/\(id)/events") }
            try await desk.screenAll()
            let text = try await stream.value.text
            #expect(text.contains("\"pending\":0"))
            #expect(text.hasSuffix("event: end\ndata: {}\n\n"))
        }
    }

    @Test func `a person has so many streams and no more, and gets their places back`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            let open = (0..<12).map { _ in Task { try await desk.browser.get("/cases/\(id)/events") } }
            // Streams end only with the last screening; refusals come at once.
            try await eventually("the last stream's answer") {
                try await desk.actions().count { $0 == "case.read" } == 12
            }
            try await desk.screenAll()
            var codes: [Int] = []
            for task in open { codes.append(try await task.value.status.code) }
            #expect(codes.count { $0 == 200 } == 8)
            #expect(codes.count { $0 == 429 } == 4)
            let again = try await desk.browser.get("/cases/\(id)/events")
            #expect(again.status == .ok)
        }
    }

    @Test func `a stream ends when its case is deleted`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase()
            let stream = Task { try await desk.browser.get("/cases/\(id)/events") }
            try await eventually("the stream's beginning") { try await desk.actions().last == "case.read" }
            try await desk.services.database.write { try $0.deleteCase(id) }
            let text = try await stream.value.text
            #expect(text.hasSuffix("event: gone\ndata: {}\n\n"))
        }
    }
}
