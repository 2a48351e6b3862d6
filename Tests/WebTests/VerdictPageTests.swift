import Clinic
import Findings
import Foundation
import Hummingbird
import HummingbirdTesting
import Imaging
import Packaging
import Screening
import Testing
import Web

@Suite(.timeLimit(.minutes(10))) struct VerdictPageTests {
    /// The fixture network with a rule: two witnesses of two fields or more.
    private static func screener() throws -> Screener {
        let directory = try TestSite.temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let place = directory.appending(path: "package")
        try FileManager.default.copyItem(at: TestSite.tinyPackage, to: place)
        var description = try ModelDescription(json: Data(contentsOf: place.appending(path: "model.json")))
        description.novelty = .init(threshold: 2)
        description.quality = QualityLimits()
        description.decision = .init(minimumConfidence: 0)
        try description.json().write(to: place.appending(path: "model.json"))
        let rule = VerdictRule(
            model: .init(name: description.name, version: description.version), cells: nil,
            steps: (1...10).map { fields in
                .init(
                    fields: fields, witnesses: min(fields, 2),
                    withLeukaemia: .init(value: 0.991, low95: 0.9, high95: 1),
                    without: .init(value: 0.004, low95: 0, high95: 0.0831))
            })
        try PackageVerdict.write(rule, into: ModelPackage(directory: place))
        return try Screener(package: ModelPackage(directory: place))
    }

    private static func verdict(_ desk: CaseDesk, _ id: CaseID) async throws -> [String: Any] {
        let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
        let token = try await APISite.token(of: owner.id, in: desk.services, [.read])
        let told = try await desk.client.execute(
            uri: "/api/v1/cases/\(id)", method: .get, headers: [.authorization: "Bearer \(token)"]
        ).text
        let object = try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any]
        return try #require(object?["verdict"] as? [String: Any])
    }

    @Test func `a case tells its rule with the error, counts one field once, and again when its twin is deleted`()
        async throws
    {
        try await CaseDesk.run(release: Self.screener()) { desk in
            // The second picture differs from the first in a few pixels; the same file is stored once.
            let benign = CaseDesk.picture(of: "benign")
            let images = try [benign(0), benign(1), CaseDesk.picture(of: "pre-b")(0)]
            let response = try await desk.send("/cases", images: images, fields: [("title", "Sample")])
            let path = try #require(response.headers[.location])
            let id = try #require(CaseID(String(path.split(separator: "/").last ?? "")))
            try await desk.screenAll()
            for address in ["/cases/\(id)", "/cases/\(id)/print"] {
                let page = try await desk.browser.get(address).text
                #expect(page.contains("kind-undecided"), "\(address)")
                #expect(page.contains("At least one field looks malignant"), "\(address)")
                #expect(page.contains("Image 2 shows the same field as image 1. They count once."), "\(address)")
                let stated = "Of 1,000 sets of 2 fields with leukaemia like those tested, from one hospital, about 991 "
                #expect(page.contains(stated + "(900 to 1000)"), "\(address)")
                #expect(page.contains("of 1,000 sets without, about 4 (0 to 83)"), "\(address)")
                #expect(!page.contains("of 1,000 people"), "\(address)")
            }
            let list = try await desk.browser.get("/cases").text
            #expect(list.contains("kind-undecided"))
            let verdict = try await Self.verdict(desk, id)
            #expect(verdict["kind"] as? String == "undecided" && verdict["distinctFields"] as? Int == 2)
            #expect((verdict["rule"] as? [String: Any])?["witnesses"] as? Int == 2)
            let repeated = try #require((verdict["repeated"] as? [[String: Any]])?.first)
            #expect(repeated["relation"] as? String == "near")
            let first = try #require(repeated["sameAs"] as? String)
            _ = try await desk.browser.post("/cases/\(id)/images/\(first)/delete")
            let after = try await Self.verdict(desk, id)
            #expect(after["distinctFields"] as? Int == 2 && (after["repeated"] as? [Any])?.isEmpty == true)
            #expect(!(try await desk.browser.get("/cases/\(id)").text.contains("shows the same field as")))
        }
    }

    @Test func `a second field that says so makes it urgent; without a rule one is enough`() async throws {
        try await CaseDesk.run(release: Self.screener()) { desk in
            // The fixtures are flat: those of two of the classes are taken for one field, and the more serious one counts.
            let images = try ["benign", "pre-b", "pro-b"].map { try CaseDesk.picture(of: $0)(0) }
            let response = try await desk.send("/cases", images: images, fields: [("title", "Sample")])
            let path = try #require(response.headers[.location])
            try await desk.screenAll()
            let page = try await desk.browser.get(path).text
            #expect(page.contains("kind-urgent") && page.contains("Enough different fields are reported malignant."))
            #expect(page.contains("Of 1,000 sets of 2 fields"))
        }
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pre-b")) { desk in
            let id = try await desk.makeCase(images: 1, of: "pre-b")
            try await desk.screenAll()
            let page = try await desk.browser.get("/cases/\(id)").text
            #expect(page.contains("kind-urgent") && page.contains("One image reported as malignant is enough"))
            #expect(!page.contains("Of 1,000"))
        }
    }
}
