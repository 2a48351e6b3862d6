import Clinic
import Crypto
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Screening
import Testing
import Web

@Suite(.timeLimit(.minutes(10))) struct APIScreeningTests {
    @Test func `answers a screening in every form`() async throws {
        try await APISite.run { site in
            let id = try await site.makeCase("Smear தமிழ்")
            let screening = try await site.screened(in: id)
            let path = "/api/v1/screenings/\(screening)"
            let object = try await site.ask(.get, path).object()
            #expect(object["caseID"] as? String == id)
            let result = try #require(object["result"] as? [String: Any])
            #expect(result["decision"] as? String == "report")
            #expect((result["probabilities"] as? [String: Any])?.count == 4)
            #expect(result["reasonCodes"] as? [String] == ["stands-out"])
            let heatMap = try await site.ask(.get, "\(path)/heatmap.png")
            #expect(heatMap.headers[.contentType] == "image/png")
            #expect(Array(heatMap.body.readableBytesView.prefix(4)) == [0x89, 0x50, 0x4E, 0x47])
            let pdf = try await site.ask(.get, "\(path)/report.pdf")
            #expect(pdf.headers[.contentType] == "application/pdf")
            #expect(String(decoding: pdf.body.readableBytesView.prefix(5), as: UTF8.self) == "%PDF-")
            let fhir = try await site.ask(.get, "\(path)/fhir")
            #expect(fhir.headers[.contentType] == "application/fhir+json")
            #expect(try fhir.object()["resourceType"] as? String == "DiagnosticReport")
            let images = try await site.ask(.get, "/api/v1/cases/\(id)").object()["images"] as? [[String: Any]]
            let short = try #require(images?.first?["screening"] as? [String: Any])
            #expect(short["state"] as? String == "done" && short["label"] as? String == result["label"] as? String)
        }
    }

    @Test func `the file sent and the stored image each have their own sum, in every answer`() async throws {
        try await APISite.run { site in
            let id = try await site.makeCase()
            // A JPEG, which is stored as another file.
            let file = try ImageEncoder.jpeg(DrawnSmear.draw(class: 2, seed: 7), quality: 90)
            let sent = Self.sum(file)
            let answer = try await site.ask(.post, "/api/v1/cases/\(id)/images", form: TestSite.form(file)).object()
            let screening = try #require((answer["screening"] as? [String: Any])?["id"] as? String)
            try await eventually("the image screened") {
                try await site.ask(.get, "/api/v1/screenings/\(screening)").object()["state"] as? String == "done"
            }
            let found = try #require(ScreeningID(screening))
            let record = try #require(try await site.services.database.read { try $0.screening(found) })
            let image = try #require(try await site.services.database.read { try $0.image(record.imageID) })
            let stored = Self.sum(try await site.services.archive.bytes(at: image.archiveKey))
            #expect(sent != stored)
            let listed = try await site.ask(.get, "/api/v1/cases/\(id)").object()["images"] as? [[String: Any]]
            let result =
                try await site.ask(.get, "/api/v1/screenings/\(screening)").object()["result"] as? [String: Any]
            for object in [listed?.first, result?["image"] as? [String: Any]] {
                #expect(object?["sentSHA256"] as? String == sent)
                #expect(object?["storedSHA256"] as? String == stored)
                #expect(object?["sha256"] == nil)
            }
            let predicted = try await site.ask(.post, "/api/v1/predict", form: TestSite.form(file))
            #expect((try predicted.object()["image"] as? [String: Any])?["sha256"] as? String == sent)
        }
    }

    private static func sum(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    @Test func `shows no class of a rejected image`() async throws {
        try await APISite.run(release: TestSite.screener(answering: .rejected)) { site in
            let id = try await site.makeCase()
            let screening = try await site.screened(in: id)
            #expect(try await site.ask(.get, "/api/v1/screenings/\(screening)/heatmap.png").status == .notFound)
            #expect(try await site.ask(.get, "/api/v1/screenings/\(screening)/report.pdf").status == .ok)
            let fhir = try await site.ask(.get, "/api/v1/screenings/\(screening)/fhir").text
            #expect(!fhir.contains("Pre-B") && !fhir.contains("valueCodeableConcept"))
            let images = try await site.ask(.get, "/api/v1/cases/\(id)").object()["images"] as? [[String: Any]]
            let short = try #require(images?.first?["screening"] as? [String: Any])
            #expect(short["decision"] as? String == "rejected" && short["label"] == nil)
        }
    }

    @Test func `says that a screening is not done yet`() async throws {
        try await APISite.run(isScreening: false) { site in
            let image = try await site.addImage(to: site.makeCase())
            let id = try #require((image["screening"] as? [String: Any])?["id"] as? String)
            for form in ["heatmap.png", "report.pdf", "fhir"] {
                let response = try await site.ask(.get, "/api/v1/screenings/\(id)/\(form)")
                #expect(response.status == .conflict, "\(form): \(response.text)")
                #expect(response.headers[.retryAfter] == "1")
            }
            let object = try await site.ask(.get, "/api/v1/screenings/\(id)").object()
            #expect(object["state"] as? String == "queued" && object["result"] == nil)
        }
    }
}
