import Clinic
import Findings
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing
import Web

@Suite struct ReportLinkPagesTests {
    private static let robots = HTTPField.Name("X-Robots-Tag")

    /// Makes a link on the case's page; its path.
    private static func link(_ desk: CaseDesk, _ id: CaseID, days: String = "7") async throws -> String {
        let page = try await desk.browser.post("/cases/\(id)/links", [("days", days)])
        #expect(page.status == .ok)
        let match = try #require(
            page.text.firstMatch(of: #/https:\/\/smears\.example\.org(\/reports\/[A-Za-z0-9_-]{43})"/#))
        return String(match.output.1)
    }

    private static func run(_ test: @Sendable (CaseDesk, TestClock) async throws -> Void) async throws {
        let clock = TestClock(Date())
        try await CaseDesk.run(
            release: TestSite.screener(answering: .report, label: "pre-b"), change: { $0.clock = { clock.now } },
            configure: { $0.publicURL = URL(string: "https://smears.example.org") }
        ) { desk in try await test(desk, clock) }
    }

    @Test func `opens the report for whoever has it, counted and written down, until it is taken back`() async throws {
        try await Self.run { desk, _ in
            let id = try await desk.makeCase("Name of the child", of: "pre-b")
            try await desk.screenAll()
            let path = try await Self.link(desk, id)
            let stranger = TestBrowser(desk.client)
            // A messenger's look at the link tells nothing and counts for nothing.
            let first = try await stranger.get(path)
            #expect(first.status == .ok && !first.text.contains("Name of the child"))
            let pdf = try await stranger.get("\(path)/report.pdf")
            #expect(pdf.headers[.contentType] == "application/pdf")
            #expect(String(decoding: pdf.body.readableBytesView.prefix(5), as: UTF8.self) == "%PDF-")
            for answer in [first, pdf] {
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.headers[try #require(Self.robots)] == "noindex, nofollow, noarchive")
            }
            let page = try await desk.browser.get("/cases/\(id)").text
            #expect(page.contains("opened once") && !page.contains(path))
            let records = try await desk.services.database.read {
                try $0.auditRecords(after: 0, limit: 1000).map(\.entry)
            }
            let opening = try #require(records.last { $0.action == .smearCase(.openLink) })
            #expect(opening.actor == .anonymous && opening.object == id.text)
            let secret = String(path.split(separator: "/")[1])
            #expect(records.allSatisfy { !$0.detail.contains(secret) && !$0.object.contains(secret) })
            let revoke = try #require(page.firstMatch(of: #/action="(\/cases\/[^"]+\/revoke)"/#)).output.1
            _ = try await desk.browser.post(String(revoke))
            for address in [path, "\(path)/report.pdf", "/reports/\(SecretToken().text)", "/reports/x"] {
                let gone = try await stranger.get(address)
                #expect(gone.status == .notFound && gone.text.contains("This link opens nothing"), "\(address)")
            }
            #expect(try await desk.browser.get("/cases/\(id)").text.contains("Taken back"))
            #expect(try await desk.browser.post(String(revoke)).status == .notFound)
        }
    }

    @Test func `a case whose report is opened is in use`() async throws {
        try await Self.run { desk, clock in
            let id = try await desk.makeCase(of: "pre-b")
            try await desk.screenAll()
            let path = try await Self.link(desk, id)
            clock.now += 5 * 86_400
            let isUnused = { [now = clock.now] in
                try await desk.services.database.read {
                    try $0.isUnused(.smearCase, id.text, since: now.addingTimeInterval(-3600), now: now)
                }
            }
            let stranger = TestBrowser(desk.client)
            _ = try await stranger.get(path)
            #expect(try await isUnused())
            _ = try await stranger.get("\(path)/report.pdf")
            #expect(try await !isUnused())
        }
    }

    @Test func `ends by itself after the days that were chosen, and with its owner's account`() async throws {
        try await Self.run { desk, clock in
            let id = try await desk.makeCase(of: "pre-b")
            try await desk.screenAll()
            let (path, long) = (try await Self.link(desk, id, days: "1"), try await Self.link(desk, id, days: "30"))
            let stranger = TestBrowser(desk.client)
            clock.now += 86_399
            #expect(try await stranger.get(path).status == .ok)
            clock.now += 2
            #expect(try await stranger.get(path).status == .notFound)
            #expect(try await stranger.get(long).status == .ok)
            try await desk.services.database.write { transaction in
                var owner = try #require(try transaction.user(email: "owner@example.org"))
                owner.isDisabled = true
                try transaction.update(owner)
            }
            #expect(try await stranger.get("\(long)/report.pdf").status == .notFound)
        }
    }

    @Test func `is made for days in range, twenty at a time, by the owner alone`() async throws {
        try await Self.run { desk, _ in
            let id = try await desk.makeCase(of: "pre-b")
            for days in ["0", "31", "", "x", "-1"] {
                let wrong = try await desk.browser.post("/cases/\(id)/links", [("days", days)])
                #expect(wrong.status == .unprocessableContent && wrong.text.contains(#"id="days-error""#), "\(days)")
            }
            let now = desk.services.clock()
            try await desk.services.database.write { transaction in
                for _ in 0..<20 {
                    try transaction.insert(
                        ReportLink(caseID: id, digest: SecretToken().digest, createdAt: now, expiresAt: now + 60))
                }
            }
            let full = try await desk.browser.post("/cases/\(id)/links", [("days", "7")])
            #expect(full.status == .tooManyRequests && full.text.contains("20 open links"))
            let administrator = try await TestPeople.browser(
                "admin@example.org", .administrator, client: desk.client, in: desk.services)
            #expect(try await administrator.post("/cases/\(id)/links", [("days", "7")]).status == .notFound)
            #expect(try await !administrator.get("/cases/\(id)").text.contains(#"id="links""#))
        }
    }

    @Test func `a letter that no file may hold spoils no report`() async throws {
        try await Self.run { desk, _ in
            let letters = [0xFFFE, 0xFDD0, 0x1FFFF].compactMap { Unicode.Scalar($0 as UInt32) }
            #expect(letters.count == 3)
            let id = try await desk.makeCase("Smear 骨髓 🩸", of: "pre-b")
            // No form takes them; a title of an earlier version may have them.
            try await desk.services.database.write { transaction in
                try transaction.update(id) { $0.title += " \(String(String.UnicodeScalarView(letters)))" }
            }
            try await desk.screenAll()
            let screening = try await desk.screenings(of: id)[0].id
            for path in ["/cases/\(id)", "/screenings/\(screening)"] {
                let pdf = try await desk.browser.get("\(path)/report.pdf")
                #expect(pdf.status == .ok && pdf.headers[.contentType] == "application/pdf", "\(path)")
            }
        }
    }

    @Test func `a problem says that nothing was kept only where something was sent`() async throws {
        try await TestSite.run { client in
            let browser = TestBrowser(client)
            #expect(try await !browser.get("/nowhere").text.contains("Nothing of what you sent was kept"))
            let sent = try await browser.post("/reset/\(SecretToken().text)", [("password", "a good long password")])
            #expect(sent.status == .notFound && sent.text.contains("Nothing of what you sent was kept"))
        }
    }
}
