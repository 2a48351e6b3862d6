import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// A case whose images the network calls benign, and what a doctor's signature changes of it.
@Suite(.timeLimit(.minutes(10))) struct LeadingReadingTests {
    /// Of the case and of the image that is signed; the other image's own line stays what it was.
    private static let reassuring = [
        "No leukaemia cells seen in these pictures", "this does not rule leukaemia out", "a healthy marrow makes",
    ]

    /// What the owner gets wherever the case is told, as text.
    private static func everywhere(_ desk: ReadingDesk) async throws -> [String: String] {
        let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
        let token = try await APISite.token(of: owner.id, in: desk.services, [.read])
        let (id, screening) = (desk.caseID, desk.screening)
        var told: [String: String] = [:]
        for path in [
            "/cases", "/cases/\(id)", "/cases/\(id)/print", "/compare?a=\(id)&b=\(id)", "/cases/\(id)/status",
            "/screenings/\(screening)",
        ] {
            told[path.replacing(id.text, with: "ID").replacing(screening.text, with: "ID")] =
                try await desk.patient.get(path).text
        }
        for path in ["cases", "cases/\(id)", "screenings/\(screening)/fhir"] {
            told["api \(path.replacing(id.text, with: "ID").replacing(screening.text, with: "ID"))"] =
                try await desk.desk.client.execute(
                    uri: "/api/v1/\(path)", method: .get, headers: [.authorization: "Bearer \(token)"]
                ).text
        }
        return told
    }

    private static func kind(_ told: [String: String], _ path: String) throws -> String? {
        let object = try JSONSerialization.jsonObject(with: Data((told[path] ?? "").utf8)) as? [String: Any]
        let first = (object?["cases"] as? [[String: Any]])?.first ?? object
        return (first?["verdict"] as? [String: Any])?["kind"] as? String ?? first?["verdict"] as? String
    }

    @Test
    func `a signed malignant reading leads the list, the case, its print, its comparison, its status and the API`()
        async throws
    {
        try await ReadingDesk.run(of: "benign") { desk in
            let before = try await Self.everywhere(desk)
            for path in ["/cases", "/cases/ID", "/cases/ID/print", "/compare?a=ID&b=ID"] {
                #expect(before[path]?.contains(Self.reassuring[0]) == true, "\(path)")
            }
            #expect(try Self.kind(before, "/cases/ID/status") == "undecided")
            try await desk.share()
            _ = try await desk.sign("pro-b")
            let after = try await Self.everywhere(desk)
            for (path, text) in after {
                for words in Self.reassuring { #expect(!text.contains(words), "\(path)") }
            }
            for path in ["/cases", "/cases/ID", "/cases/ID/print", "/compare?a=ID&b=ID", "/screenings/ID"] {
                #expect(after[path]?.contains("Malignant Pro-B") == true, "\(path)")
            }
            for path in ["/cases", "/cases/ID", "/cases/ID/print", "/compare?a=ID&b=ID"] {
                #expect(after[path]?.contains("kind-urgent") == true, "\(path)")
                #expect(after[path]?.contains("1 image: doctor and network name different classes") == true, "\(path)")
            }
            for path in ["/cases/ID/status", "api cases", "api cases/ID"] {
                #expect(try Self.kind(after, path) == "urgent", "\(path)")
            }
            #expect(after["/cases/ID"]?.contains("This may be blood cancer.") == true)
            for path in ["/cases/ID", "/screenings/ID"] {
                #expect(before[path]?.contains("this does not rule leukaemia out") == true, "\(path)")
                #expect(after[path]?.contains("See a doctor today or tomorrow") == true, "\(path)")
            }
            #expect(after["/cases/ID"]?.contains("need\" value=\"malignant") == true)
            #expect(after["/screenings/ID"]?.contains("need\" value=\"malignant") == true)
            for path in ["/cases/ID/print", "/screenings/ID"] {
                #expect(after[path]?.contains("class=\"eyebrow\">Doctor&#39;s reading<") == true, "\(path)")
            }
            #expect(after["api cases/ID"]?.contains("\"leadingReading\":\"pro-b\"") == true)
            let conclusion = "\"conclusion\":\"Malignant Pro-B. A doctor signed this"
            #expect(after["api screenings/ID/fhir"]?.contains(conclusion) == true)
            #expect(
                after["api screenings/ID/fhir"]?.contains("\"text\":\"No leukaemia cells seen in this picture\"")
                    == true)
        }
    }

    @Test func `a later revision of the same reader reconciles`() async throws {
        try await ReadingDesk.run(of: "benign") { desk in
            try await desk.share()
            _ = try await desk.sign("pro-b")
            _ = try await desk.sign("benign", revision: 2)
            let told = try await Self.everywhere(desk)
            #expect(try Self.kind(told, "api cases") == "benign" && Self.kind(told, "api cases/ID") == "benign")
            // Signed, so that it needs no qualified microscope.
            #expect(told["/cases/ID"]?.contains("kind-benign") == true)
            #expect(told["/cases/ID"]?.contains(Self.reassuring[0]) == false)
        }
    }

    @Test func `an image that a doctor could not read does not reassure`() async throws {
        try await ReadingDesk.run(of: "benign") { desk in
            try await desk.share()
            #expect(try await desk.sign("unreadable").status == .seeOther)
            let told = try await Self.everywhere(desk)
            for (path, text) in told {
                for words in Self.reassuring { #expect(!text.contains(words), "\(path) \(words)") }
            }
            #expect(
                try Self.kind(told, "api cases") == "undecided" && Self.kind(told, "/cases/ID/status") == "undecided")
            #expect(told["/cases/ID"]?.contains("1 image: a doctor could not read it") == true)
            #expect(told["/screenings/ID"]?.contains("A doctor could not read this image") == true)
            #expect(told["/cases/ID"]?.contains("need\" value=\"uncertain") == true)
        }
    }

    @Test func `the most serious of two readers leads, and their disagreement is told`() async throws {
        try await ReadingDesk.run(of: "benign") { desk in
            try await desk.share()
            _ = try await desk.sign("early-pre-b")
            let second = try await TestPeople.make("second@example.org", .clinician, in: desk.services)
            let now = desk.services.clock()
            try await desk.services.database.write {
                try $0.share(desk.screening, with: second.id, allowsTraining: false, at: now)
            }
            let browser = try await TestPeople.browser(of: second, client: desk.desk.client, in: desk.services)
            _ = try await browser.post(
                "/readings/\(desk.screening)",
                [("label", "benign"), ("revision", "1"), ("action", "sign"), ("confirm", "yes")])
            let told = try await Self.everywhere(desk)
            #expect(told["/cases"]?.contains("1 image: the doctors disagree") == true)
            #expect(told["/cases/ID"]?.contains("Malignant early Pre-B") == true)
            #expect(try Self.kind(told, "api cases/ID") == "urgent")
            // Each reads independently: the second one is not told what the first one signed.
            let own = try await browser.get("/screenings/\(desk.screening)").text
            #expect(own.contains("Benign (haematogones)") && !own.contains("Dr Meera Reader"))
        }
    }

    @Test func `images that come later mark what was signed before them`() async throws {
        try await ReadingDesk.run(of: "benign") { desk in
            try await desk.share()
            _ = try await desk.sign("pro-b")
            let first = try await Self.everywhere(desk)
            #expect(first["/cases"]?.contains("Signed before") == false)
            for number in [7, 8] {
                let picture = try CaseDesk.picture(of: "benign")(number)
                _ = try await desk.desk.send("/cases/\(desk.caseID)/images", images: [picture])
            }
            for path in ["/cases", "/cases/ID", "/cases/ID/print"] {
                let text = try await Self.everywhere(desk)[path]
                #expect(text?.contains("Signed before 2 new images") == true, "\(path)")
            }
        }
    }
}
