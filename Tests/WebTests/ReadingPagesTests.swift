import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct ReadingPagesTests {
    @Test func `a doctor reads a shared screening, keeps a draft and signs, all without scripts`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share()
            let list = try await desk.reader.get("/readings").text
            #expect(list.contains("/readings/\(desk.screening)"))
            #expect(list.contains("1 screening waits for your reading."))
            #expect(list.contains("Malignant Pre-B"))
            let draft = try await desk.sign("pro-b", comment: "Not sure", action: "draft", confirms: false)
            #expect(draft.headers[.location] == "/readings/\(desk.screening)?notice=draft")
            let viewer = try await desk.reader.get("/readings/\(desk.screening)").text
            #expect(viewer.contains("value=\"pro-b\" data-key=\"4\" data-name=\"Malignant Pro-B\" checked"))
            #expect(viewer.contains("Not sure"))
            #expect(!(try await desk.patient.get("/screenings/\(desk.screening)").text.contains("Not sure")))
            let signed = try await desk.sign("pro-b", comment: "Large <b>blasts</b>")
            #expect(signed.headers[.location] == "/readings/\(desk.screening)?notice=signed")
            let own = try await desk.reader.get("/readings/\(desk.screening)").text
            #expect(!own.contains("reading-form"))
            #expect(own.contains("revise=1"))
            #expect(try await desk.reader.get("/readings").text.contains("0 screenings wait"))
        }
    }

    @Test func `a form that is not complete says what is missing and keeps what was written`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share()
            let unconfirmed = try await desk.sign("benign", comment: "Kept words", confirms: false)
            #expect(unconfirmed.status == .unprocessableContent)
            #expect(unconfirmed.text.contains("Tick that you have looked"))
            #expect(unconfirmed.text.contains("Kept words"))
            let classless = try await desk.sign("")
            #expect(classless.status == .unprocessableContent)
            #expect(classless.text.contains("Choose a class"))
            let long = try await desk.sign("benign", comment: String(repeating: "x", count: 4001))
            #expect(long.status == .unprocessableContent)
            #expect(long.text.contains("4001 characters"))
            #expect(try await desk.sign("benign").status == .seeOther)
            let late = try await desk.sign("pre-b")
            #expect(late.status == .conflict)
            #expect(late.text.contains("You already signed this in another window."))
            #expect(try await desk.sign("pre-b", revision: 2).status == .seeOther)
        }
    }

    @Test
    func `the patient sees the network's answer and the doctor's reading, told apart, on every page and in every form`()
        async throws
    {
        try await ReadingDesk.run { desk in
            try await desk.share()
            _ = try await desk.sign("pro-b", comment: "Large <b>blasts</b>")
            let result = try await desk.patient.get("/screenings/\(desk.screening)").text
            for words in [
                "The network&#39;s answer", "Read by a doctor", "Dr Meera Reader, MD, DM", "Malignant Pro-B",
                "Differs from the network, which said: Malignant Pre-B.", "Large &lt;b&gt;blasts",
            ] {
                #expect(result.contains(words), "\(words)")
            }
            for path in ["/cases/\(desk.caseID)", "/cases/\(desk.caseID)/print"] {
                let page = try await desk.patient.get(path).text
                #expect(page.contains("Dr Meera Reader: Malignant Pro-B"), "\(path)")
            }
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.read])
            let headers: HTTPFields = [.authorization: "Bearer \(token)"]
            let fhir = try await desk.desk.client.execute(
                uri: "/api/v1/screenings/\(desk.screening)/fhir", method: .get, headers: headers
            ).object()
            #expect((fhir["conclusion"] as? String)?.contains("Dr Meera Reader, MD, DM): Malignant Pro-B.") == true)
            let contained = try #require(fhir["contained"] as? [[String: Any]])
            let types = contained.compactMap { $0["resourceType"] as? String }
            #expect(types == ["Device", "Observation", "Practitioner", "Observation"])
            #expect(contained[3]["status"] as? String == "final")
            let performer = (contained[3]["performer"] as? [[String: Any]])?.first?["reference"] as? String
            #expect(performer == "#reader-1")
            let pdf = try await desk.desk.client.execute(
                uri: "/api/v1/screenings/\(desk.screening)/report.pdf", method: .get, headers: headers)
            #expect(pdf.status == .ok)
            #expect(pdf.text.contains("/Count 1"))
        }
    }

    @Test func `a blind reader's pages hold nothing of the network's answer until the signature`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share()
            let set = try await desk.reader.post("/readings/blind", [("hide", "yes"), ("back", "/readings")])
            #expect(set.headers[.location] == "/readings")
            let list = try await desk.reader.get("/readings").text
            #expect(list.contains("Answer hidden until you sign"))
            #expect(!list.contains("kind-urgent"))
            let hidden = try await desk.reader.get("/readings/\(desk.screening)").text
            for word in ["overlay.png", "map.png", "network-answer", "percent", "step-0", "confidence"] {
                #expect(!hidden.contains(word), "\(word)")
            }
            // Every class stands once in the form and nowhere else.
            #expect(hidden.components(separatedBy: "<span>Malignant Pre-B").count == 2)
            #expect(hidden.components(separatedBy: "Malignant Pre-B").count == 3)
            _ = try await desk.sign("pre-b")
            let shown = try await desk.reader.get("/readings/\(desk.screening)").text
            #expect(shown.contains("network-answer"))
            #expect(shown.contains("Read without seeing the network&#39;s answer."))
            let reading = try #require(
                try await desk.services.database.read { try $0.readings(of: desk.screening) }.first)
            #expect(reading.isBlind)
        }
    }

    @Test func `a script's draft is answered in JSON, and a problem as a problem`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share()
            let json: HTTPFields = [.accept: "application/json"]
            let saved = try await desk.reader.post(
                "/readings/\(desk.screening)", [("comment", "x"), ("revision", "1"), ("action", "draft")],
                headers: json)
            #expect(saved.status == .ok)
            #expect(try saved.object()["savedAt"] is String)
            let wrong = try await desk.reader.post(
                "/readings/\(desk.screening)", [("revision", "9"), ("action", "draft")], headers: json)
            #expect(wrong.status == .conflict)
        }
    }

    @Test func `agreement is shown to the reader and to administrators, with kappa and the table`() async throws {
        try await ReadingDesk.run { desk in
            #expect(try await desk.reader.get("/readings/agreement").text.contains("No signed readings yet"))
            try await desk.share(desk.screenings.map(\.id))
            _ = try await desk.sign("pre-b")
            let second = try await desk.reader.post(
                "/readings/\(desk.screenings[1].id)",
                [("label", "benign"), ("revision", "1"), ("action", "sign"), ("confirm", "yes")])
            #expect(second.status == .seeOther)
            let page = try await desk.reader.get("/readings/agreement").text
            #expect(page.contains("2 signed readings"))
            // One of two agrees, and chance alone would give the same: κ = 0.
            #expect(page.contains("κ = 0.00"))
            let other = try await TestPeople.browser(
                "other@example.org", .clinician, client: desk.desk.client, in: desk.services)
            #expect(try await other.get("/readings/agreement").text.contains("No signed readings yet"))
            let administrator = try await TestPeople.browser(
                "admin@example.org", .administrator, client: desk.desk.client, in: desk.services)
            #expect(try await administrator.get("/admin/readings").text.contains("2 signed readings"))
        }
    }

    @Test func `the export of an account holds the shares and the readings of both sides`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share(training: true)
            _ = try await desk.sign("pre-b", comment: "Mine")
            let patients = try await desk.patient.get("/account/export").text
            for part in ["shares.json", "\"sharedWith\" : \"Dr Meera Reader\"", "cases/1/readings.json", "Mine"] {
                #expect(patients.contains(part), "\(part)")
            }
            let readers = try await desk.reader.get("/account/export").text
            #expect(readers.contains("readings.json") && readers.contains("Mine"))
            #expect(!readers.contains("shares.json") && !readers.contains("Secret sample title"))
        }
    }
}
