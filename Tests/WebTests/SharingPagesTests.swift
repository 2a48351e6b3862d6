import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct SharingPagesTests {
    @Test
    func `by no way does a doctor see what was never shared, was withdrawn, is another image, or is deleted`()
        async throws
    {
        try await ReadingDesk.run { desk in
            let (id, other) = (desk.screening, desk.screenings[1].id)
            #expect(try await desk.statuses(id) == [404])
            #expect(try await desk.share().headers[.location] == "/sharing?notice=shared")
            #expect(try await desk.statuses(id) == [200])
            #expect(try await desk.statuses(other) == [404])
            for path in [
                "/cases/\(desk.caseID)", "/cases/\(desk.caseID)/print", "/compare?a=\(desk.caseID)&b=\(desk.caseID)",
            ] {
                #expect(try await desk.reader.get(path).status == .notFound, "\(path)")
            }
            #expect(try await desk.api("/api/v1/cases/\(desk.caseID)").status == .notFound)
            try await desk.withdraw()
            #expect(try await desk.statuses(id) == [404])
            #expect(try await desk.sign("pre-b").status == .notFound)
            try await desk.share()
            let deleted = try await desk.patient.post(
                "/cases/\(desk.caseID)/images/\(desk.screenings[0].imageID)/delete")
            #expect(deleted.status == .seeOther)
            #expect(try await desk.statuses(id) == [404])
            let list = try await desk.reader.get("/readings?show=all").text
            #expect(!list.contains(id.text))
        }
    }

    @Test func `a clinician's page of a screening has no controls of its owner and nothing of the case`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share()
            for path in ["/screenings/\(desk.screening)", "/readings/\(desk.screening)"] {
                let page = try await desk.reader.get(path).text
                for secret in [
                    "Secret sample title", desk.caseID.text, "/sharing?screening", "/delete",
                    desk.screenings[1].id.text,
                ] {
                    #expect(!page.contains(secret), "\(path) holds \(secret)")
                }
            }
            let pdf = try await desk.api("/api/v1/screenings/\(desk.screening)/report.pdf")
            #expect(!pdf.text.contains("Secret sample title"))
            let fhir = try await desk.api("/api/v1/screenings/\(desk.screening)/fhir").text
            #expect(!fhir.contains("Secret") && !fhir.contains(desk.caseID.text))
            let own = try await desk.patient.get("/screenings/\(desk.screening)").text
            #expect(own.contains("Secret sample title"))
            #expect(own.contains("/sharing?screening=\(desk.screening)"))
        }
    }

    @Test
    func `the form shares only with a doctor whom one has an appointment with, and tells what is missing`() async throws
    {
        try await ReadingDesk.run { desk in
            let page = try await desk.patient.get("/sharing?doctor=\(desk.doctor.id)&screening=\(desk.screening)")
            #expect(page.status == .ok)
            #expect(page.text.contains("value=\"\(desk.screening)\" checked"))
            #expect(page.text.contains("Secret sample title"))
            let none = try await desk.share([])
            #expect(none.status == .unprocessableContent)
            #expect(none.text.contains("Choose at least one screening."))
            let stranger = try await TestPeople.browser(
                "stranger@example.org", client: desk.desk.client, in: desk.services)
            let refused = try await stranger.post(
                "/sharing", [("doctor", desk.doctor.id.text), ("screening", desk.screening.text)])
            #expect(refused.status == .forbidden)
            #expect(try await stranger.get("/sharing?doctor=\(desk.doctor.id)").status == .forbidden)
            #expect(try await stranger.get("/sharing?doctor=none").status == .notFound)
            let forged = try await desk.patient.post("/sharing", [("doctor", "x"), ("screening", "y")])
            #expect(forged.status == .badRequest)
        }
    }

    @Test func `the patient sees what is shared since when, changes the consent, and withdraws all`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share(desk.screenings.map(\.id), training: true)
            let page = try await desk.patient.get("/sharing?notice=shared").text
            #expect(page.contains("Dr Meera Reader"))
            #expect(page.contains("2 screenings shared"))
            #expect(page.contains("May be used, without your name, to train a better model."))
            _ = try await desk.patient.post(
                "/sharing/training",
                [("reader", desk.clinician.id.text), ("screening", desk.screening.text), ("allow", "no")])
            let shares = try await desk.services.database.read { try $0.shares(of: desk.screening) }
            #expect(shares.map(\.allowsTraining) == [false])
            _ = try await desk.patient.post("/sharing/withdraw", [("reader", desk.clinician.id.text), ("all", "yes")])
            #expect(try await desk.patient.get("/sharing").text.contains("You share nothing at the moment."))
            #expect(try await desk.statuses(desk.screening) == [404])
            let actions = try await desk.desk.actions()
            #expect(actions.filter { $0 == "screening.share" }.count == 3)
            #expect(actions.filter { $0 == "screening.unshare" }.count == 2)
        }
    }
}
