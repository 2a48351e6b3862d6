import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct AdminPrivacyTests {
    @Test func `an administrator records a breach and a request, settles them, and takes the record along`()
        async throws
    {
        try await AdminDesk.run { desk in
            #expect(try await desk.browser.get("/admin/privacy").text.contains("Nothing is recorded."))
            let old = try await desk.browser.post(
                "/admin/privacy",
                [("kind", "breach"), ("knownAt", "2026-01-01T08:15"), ("note", "=Laptop <lost>")])
            #expect(old.headers[.location] == "/admin/privacy?notice=recorded")
            _ = try await desk.browser.post(
                "/admin/privacy", [("kind", "erasure"), ("knownAt", ""), ("note", "Asked by letter")])
            let page = try await desk.browser.get("/admin/privacy").text
            #expect(page.contains("Overdue") && page.contains("2026-01-04 08:15 UTC"))
            #expect(page.contains("=Laptop &lt;lost&gt;") && page.contains("Asked by letter"))
            let settle = try #require(page.firstMatch(of: /\/admin\/privacy\/[\w-]{22}\/settle/)).output
            let empty = try await desk.browser.post(String(settle), [("settlement", " ")])
            #expect(empty.status == .unprocessableContent && empty.text.contains("-error\""))
            #expect(
                try await desk.browser.post(String(settle), [("settlement", "Told the board")]).headers[.location]
                    == "/admin/privacy?notice=settled")
            #expect(try await desk.browser.post(String(settle), [("settlement", "x")]).status == .unprocessableContent)
            let open = try await desk.browser.get("/admin/privacy?open=1").text
            #expect(!open.contains("Laptop") && open.contains("Asked by letter"))
            let table = try await desk.browser.get("/admin/privacy/export")
            #expect(table.headers[.contentType] == "text/csv; charset=utf-8")
            // Nothing that a table program would calculate.
            #expect(table.text.contains("'=Laptop") && table.text.contains(",settled,breach,2026-01-01T08:15:00Z,"))
            let log = try await desk.services.database.read {
                try $0.auditRecords(matching: AuditFilter(action: "privacy."), before: nil, limit: 9).map(\.entry)
            }
            #expect(
                log.map(\.action.name).reversed() == [
                    "privacy.record", "privacy.record", "privacy.settle", "privacy.export",
                ])
            #expect(log.allSatisfy { $0.actor == .user(desk.administrator.id) })
            #expect(!log.contains { "\($0)".contains("Laptop") })
        }
    }

    @Test(arguments: [
        ("kind", "theft"), ("knownAt", "soon"), ("knownAt", "2999-01-01T00:00"), ("note", " "),
    ])
    func `what cannot be is told at its field, and comes back as it was typed`(field: String, value: String)
        async throws
    {
        try await AdminDesk.run { desk in
            let good = [("kind", "access"), ("knownAt", "2026-01-01T08:15"), ("note", "Asked at the desk")]
            let refused = try await desk.browser.post(
                "/admin/privacy", good.map { $0.0 == field ? (field, value) : $0 })
            #expect(refused.status == .unprocessableContent)
            #expect(refused.text.contains("id=\"\(field)-error\""))
            if field != "note" { #expect(refused.text.contains("Asked at the desk</textarea>")) }
            #expect(try await desk.services.database.read { try $0.privacyRecords(onlyOpen: false) }.isEmpty)
        }
    }
}
