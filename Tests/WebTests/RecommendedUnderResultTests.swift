import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Screening
import Testing
import Web

@Suite struct RecommendedUnderResultTests {
    @Test func `meets the owner of a result with doctors and reasons`() async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pre-b")) { desk in
            try await SearchedDoctors.add(
                (0..<5).map { SearchedDoctors.doctor("Dr. \($0)", north: Double($0)) }, to: desk.services)
            let smearCase = try await desk.makeCase(of: "pre-b")
            try await desk.screenAll()
            let screening = try #require(try await desk.screenings(of: smearCase).first)
            let asked = try await desk.browser.get("/screenings/\(screening.id)")
            #expect(asked.text.contains("Meet our certified and experienced doctors"))
            #expect(asked.text.contains("name=\"need\" value=\"malignant\""))
            #expect(SearchedDoctors.names(asked).isEmpty)
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            try await desk.services.accounts.updateProfile(
                of: owner.id, name: "Owner", place: UserPlace(name: "Pune", latitude: 18.52, longitude: 73.857))
            for path in ["/screenings/\(screening.id)", "/cases/\(smearCase)"] {
                let shown = try await desk.browser.get(path)
                #expect(SearchedDoctors.names(shown).count == 3, "\(path)")
                #expect(shown.text.contains("See a doctor today or tomorrow"))
                #expect(shown.text.contains("need=malignant"))
                let forChild = try await desk.browser.get("\(path)?child=1")
                #expect(forChild.text.contains("child=1"))
            }
        }
    }

    @Test func `a child's age asks for doctors of children until the reader says otherwise`() async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pre-b")) { desk in
            let smearCase = try await desk.makeCase(of: "pre-b")
            try await desk.screenAll()
            let screening = try #require(try await desk.screenings(of: smearCase).first)
            let field = #"<input type="hidden" name="child" value="1">"#
            for path in ["/screenings/\(screening.id)", "/cases/\(smearCase)"] {
                #expect(try await !desk.browser.get(path).text.contains(field), "\(path) without an age")
            }
            for (age, isChild) in [("6", true), ("40", false)] {
                let kept = try await desk.browser.post("/cases/\(smearCase)/person", [("ageYears", age)])
                #expect(kept.status == .seeOther)
                for path in ["/screenings/\(screening.id)", "/cases/\(smearCase)"] {
                    #expect(try await desk.browser.get(path).text.contains(field) == isChild, "\(path) at \(age)")
                    #expect(try await desk.browser.get("\(path)?child=1").text.contains(field))
                    #expect(try await !desk.browser.get("\(path)?child=0").text.contains(field))
                }
            }
        }
    }

    @Test func `shows them to nobody else`() async throws {
        try await CaseDesk.run { desk in
            let smearCase = try await desk.makeCase()
            try await desk.screenAll()
            let screening = try #require(try await desk.screenings(of: smearCase).first)
            let administrator = try await TestPeople.browser(
                "admin@example.org", .administrator, client: desk.client, in: desk.services)
            let page = try await administrator.get("/screenings/\(screening.id)")
            #expect(page.status == .ok)
            #expect(!page.text.contains("Meet our certified"))
        }
    }

    @Test(arguments: [("report", "malignant"), ("uncertain", "uncertain"), ("rejected", "rejected")])
    func `leads from an answer that is not kept to the search`(answer: String, need: String) async throws {
        let decision: Decision = answer == "report" ? .report : answer == "uncertain" ? .uncertain : .rejected
        try await TestSite.run(release: TestSite.screener(answering: decision, label: "pre-b")) { client in
            let picture = answer == "report" ? try CaseDesk.picture(of: "pre-b")(1) : try TestSite.picture()
            let page = try await client.execute(
                uri: "/screen", method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
            #expect(page.text.contains("href=\"/doctors?need=\(need)\""))
        }
    }
}
