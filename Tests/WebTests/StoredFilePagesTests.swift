import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing
import Web

@Suite(.timeLimit(.minutes(10)))
struct StoredFilePagesTests {
    @Test func `an image that was exchanged or cut on the disk is refused with words, and counted`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase(images: 2)
            try await desk.screenAll()
            let screenings = try await desk.screenings(of: id)
            let archive = desk.services.archive
            let keys = try await archive.keys(under: "images/")
            let paths = screenings.map { "/screenings/\($0.id)/pictures/original" }
            for path in paths { #expect(try await desk.browser.get(path).status == .ok) }
            let (first, second) = (try await archive.bytes(at: keys[0]), try await archive.bytes(at: keys[1]))
            try await archive.store(second, at: keys[0])
            try await archive.store(first, at: keys[1])
            for path in paths {
                let refused = try await desk.browser.get(path)
                #expect(refused.status == .internalServerError)
                #expect(refused.text.contains("damaged or was replaced"))
            }
            try await archive.store(first, at: keys[0])
            try await archive.store(Array(second.prefix(100)), at: keys[1])
            let statuses = try await [desk.browser.get(paths[0]).status, desk.browser.get(paths[1]).status]
            #expect(Set(statuses) == [.ok, .internalServerError])
            let picture = "screenings/\(screenings[0].id)/display.jpg"
            let report = try await archive.keys(under: "screenings/")
            #expect(report.contains(picture), "\(report)")
            try await archive.store([1], at: picture)
            #expect(
                try await desk.browser.get("/screenings/\(screenings[0].id)/pictures/display.jpg").status
                    == .internalServerError)
            let admin = try await TestPeople.make("admin@example.org", .administrator, in: desk.services)
            let token = try await desk.services.accounts.makeAPIToken(
                APIToken.Terms(label: "metrics", scopes: [.read]), of: admin.id)
            let metrics = try await desk.client.execute(
                uri: "/metrics", method: .get, headers: [.authorization: "Bearer \(token.text)"])
            let line = #/leukoscope_stored_files_refused_total\{fault="changed"\} (\d+)/#
            let count = try #require(String(buffer: metrics.body).firstMatch(of: line)).output.1
            #expect(try #require(Int(count)) >= 4)
        }
    }
}
