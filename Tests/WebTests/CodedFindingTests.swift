import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web
import Wording

/// Another finding that is picked from the list, or typed as the list has it.
@Suite(.timeLimit(.minutes(10))) struct CodedFindingTests {
    private static func run(_ test: @Sendable (ReadingDesk) async throws -> Void) async throws {
        try await ReadingDesk.run { desk in
            let answer = try await desk.patient.post(
                "/sharing", [("doctor", desk.doctor.id.text), ("case", desk.caseID.text), ("new", "yes")])
            #expect(answer.headers[.location] == "/sharing?notice=shared")
            try await test(desk)
        }
    }

    private static func send(
        _ desk: ReadingDesk, _ action: String, _ label: String, _ more: [(String, String)], language: String = "en",
        by browser: TestBrowser? = nil
    ) async throws -> TestResponse {
        try await (browser ?? desk.reader).post(
            "/readings/cases/\(desk.caseID)",
            [("label", label), ("revision", "1"), ("action", action), ("confirm", "yes")]
                + desk.screenings.map { ("seen", $0.id.text) } + more, headers: [.acceptLanguage: language])
    }

    private static func kept(_ desk: ReadingDesk) async throws -> CaseReading {
        try #require(try await desk.services.database.read { try $0.caseReadings(of: desk.caseID) }.first)
    }

    @Test func `whoever has malaria is told to see a doctor today`() async throws {
        try await Self.run { desk in
            _ = try await Self.send(desk, "sign", "other-finding", [("findings", "malaria-parasites")])
            let words = try TextCatalogue(language: "en")("readings.malariaAdvice")
            let pages = ["/cases/\(desk.caseID)", "/cases/\(desk.caseID)/print", "/screenings/\(desk.screening)"]
            for path in pages { #expect(try await desk.patient.get(path).text.contains(words), "\(path)") }
            // Another doctor signs another finding later, which leads: malaria is told all the same.
            let second = try await TestPeople.make("second@example.org", .clinician, in: desk.services)
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let now = desk.services.clock()
            try await desk.services.database.write { transaction in
                for screening in desk.screenings {
                    try transaction.share(screening.id, with: second.id, allowsTraining: false, at: now)
                }
                try transaction.share(
                    SharedCase(caseID: desk.caseID, userID: second.id, sharedAt: now, includesNew: true, told: []),
                    of: owner.id)
            }
            let browser = try await TestPeople.browser(of: second, client: desk.desk.client, in: desk.services)
            let signed = try await Self.send(
                desk, "sign", "other-finding", [("findings", "sickle-cells")], by: browser)
            #expect(signed.headers[.location]?.hasSuffix("notice=signed") == true, "\(signed.status)")
            let advice = try TextCatalogue(language: "en")("readings.answers.other-finding.advice")
            let both = try await desk.patient.get("/cases/\(desk.caseID)").text
            #expect(both.contains("\(words) \(advice)"))
            for path in pages { #expect(try await desk.patient.get(path).text.contains(words), "\(path)") }
        }
    }

    @Test func `ticks are kept with the reading, and shown in the language of whoever looks`() async throws {
        try await Self.run { desk in
            let page = try await desk.reader.get("/readings/cases/\(desk.caseID)").text
            for finding in SmearFinding.allCases {
                #expect(page.contains("name=\"findings\" value=\"\(finding.rawValue)\""), "\(finding)")
            }
            #expect(page.contains("list=\"finding-names\"") && page.contains("<option value=\"Platelet clumps\">"))
            let signed = try await Self.send(
                desk, "sign", "other-finding",
                [("findings", "platelet-clumps"), ("findings", "sickle-cells"), ("finding", "Seen twice")])
            #expect(signed.headers[.location]?.hasSuffix("notice=signed") == true, "\(signed.status)")
            let kept = try await Self.kept(desk)
            #expect(kept.findings == [.sickleCells, .plateletClumps] && kept.finding == "Seen twice")
            for language in ["en", "ta", "hi"] {
                let text = try TextCatalogue(language: language)
                let names = [SmearFinding.sickleCells, .plateletClumps].map { text("readings.findings.\($0.rawValue)") }
                let image = text("readings.otherFinding", ["finding": names.joined(separator: "; ")])
                let whole = text("readings.otherFinding", ["finding": (names + ["Seen twice"]).joined(separator: "; ")])
                for (path, words) in [
                    ("/cases/\(desk.caseID)", whole), ("/cases/\(desk.caseID)/print", whole),
                    ("/screenings/\(desk.screening)", image),
                ] {
                    let page = try await desk.patient.get(path, headers: [.acceptLanguage: language])
                    #expect(page.text.contains(words), "\(language) \(path)")
                }
                let paper = try await desk.patient.get(
                    "/cases/\(desk.caseID)/report.pdf", headers: [.acceptLanguage: language])
                #expect(paper.status == .ok && paper.text.hasPrefix("%PDF"), "\(language)")
            }
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.read])
            let api = try await desk.desk.client.execute(
                uri: "/api/v1/cases/\(desk.caseID)", method: .get, headers: [.authorization: "Bearer \(token)"])
            let readings = try #require(try api.object()["readings"] as? [[String: Any]])
            let told = try #require(readings.first?["findings"] as? [[String: String]])
            #expect(told.map { $0["code"] } == ["sickle-cells", "platelet-clumps"])
            #expect(told.allSatisfy { $0["system"] == "urn:leukoscope:finding" })
        }
    }

    @Test func `names that are typed become codes, and other words stay as they were written`() async throws {
        let hindi = try TextCatalogue(language: "hi")("readings.findings.macrocytes")
        try await Self.run { desk in
            for (language, typed, findings, words) in [
                ("en", "Platelet clumps", [.plateletClumps], ""),
                ("en", " sickle CELLS; large red cells (macrocytes) ,", [.macrocytes, .sickleCells], ""),
                ("hi", hindi, [.macrocytes], ""), ("hi", "left shift", [.leftShift], ""),
                ("en", "no sickle cells, target cells", [], "no sickle cells, target cells"),
                ("en", "Plasmodium vivax", [], "Plasmodium vivax"), ("en", ";", [], ";"),
            ] as [(String, String, [SmearFinding], String)] {
                let answer = try await Self.send(
                    desk, "draft", "other-finding", [("finding", typed)], language: language)
                #expect(answer.headers[.location]?.hasSuffix("notice=draft") == true, "\(typed)")
                let kept = try await Self.kept(desk)
                #expect(kept.findings == findings && kept.finding == words, "\(typed)")
            }
        }
    }

    @Test func `ticks stay when the form is not complete, and come back with the draft`() async throws {
        try await Self.run { desk in
            let ticked = "value=\"filaria\" checked"
            let refused = try await Self.send(desk, "sign", "", [("findings", "filaria")])
            #expect(refused.status == .unprocessableContent && refused.text.contains(ticked))
            let nothing = try await Self.send(desk, "sign", "other-finding", [("findings", "no-such-code")])
            #expect(nothing.status == .unprocessableContent)
            #expect(nothing.text.contains("Tick or write which other finding you see."))
            _ = try await Self.send(desk, "draft", "", [("findings", "filaria")])
            #expect(try await desk.reader.get("/readings/cases/\(desk.caseID)").text.contains(ticked))
            #expect(!(try await desk.patient.get("/cases/\(desk.caseID)").text.contains("Filaria")))
        }
    }
}
