import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// People in somebody's care on the pages and the API.
@Suite struct PeoplePageTests {
    private static let meena = [
        ("name", "Meena"), ("birthYear", "2019"), ("birthMonth", "4"), ("sex", "female"), ("consent", "1"),
    ]

    private static func dependent(_ desk: CaseDesk) async throws -> Dependent {
        let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
        return try #require(try await desk.services.database.read { try $0.dependents(of: owner.id) }.first)
    }

    @Test func `a guardian adds a child with consent and begins a case for them, which every page and paper says`()
        async throws
    {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pre-b")) { desk in
            let bare = try await desk.browser.get("/").text
            #expect(!bare.contains("id=\"case-for\""))
            let wrong = try await desk.browser.post("/people", Self.meena.filter { $0.0 != "consent" })
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("id=\"care-consent-error\""))
            #expect(wrong.text.contains("value=\"Meena\""))
            let made = try await desk.browser.post("/people", Self.meena)
            #expect(made.headers[.location] == "/people?notice=added")
            let child = try await Self.dependent(desk)
            #expect(try await desk.browser.get("/people").text.contains("Meena"))
            #expect(try await desk.browser.get("/").text.contains("<option value=\"\(child.id)\">Meena</option>"))
            let sent = try await desk.send(
                "/cases", images: [try CaseDesk.picture(of: "pre-b")(0)], fields: [("for", child.id.text)])
            let path = try #require(sent.headers[.location])
            try await desk.screenAll()
            for page in [path, "/cases", "\(path)/print"] {
                #expect(try await desk.browser.get(page).text.contains("Meena"), "\(page)")
            }
            // The child's age asks for doctors of children.
            #expect(try await desk.browser.get(path).text.contains("name=\"child\" value=\"1\""))
            let id = try #require(CaseID(String(path.split(separator: "/").last ?? "")))
            let screening = try #require(try await desk.screenings(of: id).first)
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.read, .write])
            let headers: HTTPFields = [.authorization: "Bearer \(token)"]
            func ask(_ path: String) async throws -> [String: Any] {
                try await desk.client.execute(uri: path, method: .get, headers: headers).object()
            }
            let fhir = try await ask("/api/v1/screenings/\(screening.id)/fhir")
            #expect((fhir["subject"] as? [String: String])?["reference"] == "#patient")
            let contained = try #require(fhir["contained"] as? [[String: Any]])
            let patient = try #require(contained.first { $0["resourceType"] as? String == "Patient" })
            #expect(patient["birthDate"] as? String == "2019-04" && patient["gender"] as? String == "female")
            #expect((patient["name"] as? [[String: String]])?.first?["text"] == "Meena")
            let people = try #require(try await ask("/api/v1/people")["people"] as? [[String: Any]])
            #expect(people.first?["id"] as? String == child.id.text && people.first?["consented"] as? Bool == true)
            let told = try await ask("/api/v1/cases/\(id)")
            #expect((told["inCare"] as? [String: String])?["name"] == "Meena")
            let pdf = try await desk.browser.get("\(path)/report.pdf")
            #expect(pdf.headers[.contentType] == "application/pdf")
            let export = try await desk.browser.get("/account/export")
            let all = String(decoding: export.body.readableBytesView, as: UTF8.self)
            #expect(all.contains("people.json") && all.contains("consents.json"))
        }
    }

    @Test func `a doctor is told on every page of readings that the sample is of somebody in the patient's care`()
        async throws
    {
        try await ReadingDesk.run { desk in
            try await desk.share(desk.screenings.map(\.id))
            let words = "somebody in the care of Somebody Else"
            let pages = [
                ("/readings", "<h2>"), ("/readings", "<span class=\"case-title\">"),
                ("/readings/\(desk.screening)", ": "), ("/readings/cases/\(desk.caseID)", ": "),
            ]
            for (page, before) in pages {
                let text = try await desk.reader.get(page).text
                #expect(text.contains(before + "Somebody Else") && !text.contains(words), "\(page)")
            }
            _ = try await desk.patient.post("/people", Self.meena)
            let child = try await Self.dependent(desk.desk)
            let moved = try await desk.patient.post("/cases/\(desk.caseID)/for", [("for", child.id.text)])
            #expect(moved.status == .seeOther)
            for (page, before) in pages {
                let text = try await desk.reader.get(page).text
                #expect(text.contains(before + words) && !text.contains("Meena"), "\(page)")
            }
        }
    }

    @Test func `the owner says whose a case is, and a person goes only with a word about their cases`() async throws {
        try await CaseDesk.run { desk in
            _ = try await desk.browser.post("/people", Self.meena)
            let child = try await Self.dependent(desk)
            let id = try await desk.makeCase()
            #expect(try await desk.browser.post("/cases/\(id)/for", [("for", child.id.text)]).status == .seeOther)
            let page = try await desk.browser.get("/cases/\(id)").text
            #expect(page.contains("value=\"\(child.id)\" selected"))
            // Age and sex of a person in care are not asked on the case.
            #expect(!page.contains("id=\"person-ageYears\"") && page.contains("id=\"person-haemoglobin\""))
            let asked = try await desk.browser.get("/people/\(child.id)/remove").text
            #expect(asked.contains("/cases/\(id)") && asked.contains("1 case"))
            for fields in [[], [("cases", "delete")], [("cases", child.id.text)]] {
                let refused = try await desk.browser.post("/people/\(child.id)/remove", fields)
                #expect(refused.status == .unprocessableContent, "\(fields)")
            }
            #expect(try await desk.services.database.read { try $0.smearCase(id) } != nil)
            let gone = try await desk.browser.post("/people/\(child.id)/remove", [("cases", "owner")])
            #expect(gone.headers[.location] == "/people?notice=removed")
            #expect(try await desk.services.database.read { try $0.smearCase(id)?.dependentID } == nil)
            _ = try await desk.browser.post("/people", Self.meena)
            let second = try await Self.dependent(desk)
            _ = try await desk.browser.post("/cases/\(id)/for", [("for", second.id.text)])
            let deleted = try await desk.browser.post(
                "/people/\(second.id)/remove", [("cases", "delete"), ("sure", "1")])
            #expect(deleted.status == .seeOther)
            #expect(try await desk.services.database.read { try $0.smearCase(id) } == nil)
            #expect(try await desk.files().isEmpty)
        }
    }

    @Test func `without the guardian's consent nothing of the child is screened`() async throws {
        try await CaseDesk.run { desk in
            _ = try await desk.browser.post("/people", Self.meena)
            let child = try await Self.dependent(desk)
            _ = try await desk.browser.post("/people/\(child.id)/consent", [("answer", "withdrawn")])
            let refused = try await desk.send(
                "/cases", images: [CaseDesk.drawing(1)], fields: [("for", child.id.text)], isScript: true)
            #expect(refused.status == .forbidden)
            #expect(try refused.object()["type"] as? String == "/problems/consent-needed")
            _ = try await desk.browser.post("/people/\(child.id)/consent", [("answer", "given")])
            let taken = try await desk.send(
                "/cases", images: [CaseDesk.drawing(1)], fields: [("for", child.id.text)], isScript: true)
            #expect(taken.status == .created)
        }
    }
}
