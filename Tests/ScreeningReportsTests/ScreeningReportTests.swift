import Clinic
import Findings
import FindingsFixtures
import Foundation
import Imaging
import ScreeningReports
import Testing

@Suite struct ScreeningReportTests {
    @Test(arguments: Decision.allCases) func `draws one page of A4`(decision: Decision) throws {
        let pdf = try Self.report(decision).pdf(picture: Self.picture(), heatMap: Self.picture())
        let text = String(decoding: pdf, as: UTF8.self)
        #expect(text.hasPrefix("%PDF-1."))
        #expect(text.contains("/Count 1"))
        #expect(text.contains("595.276"))
        #expect(pdf.count < 400_000)
        // The photographs go in as JPEG files; a rejected image has no heat map.
        #expect(text.components(separatedBy: "/DCTDecode").count - 1 == (decision == .rejected ? 1 : 2))
    }

    @Test func `fits one page however many the words`() throws {
        let long = String(repeating: "Take the slide to a qualified reader before anything else is decided. ", count: 8)
        let report = try Self.report(.report, next: [long, long, long])
        #expect(
            String(decoding: try report.pdf(picture: Self.picture(), heatMap: nil), as: UTF8.self).contains("/Count 1"))
    }

    @Test func `says what FHIR R4 asks`() throws {
        let report = try Self.object(Self.report(.report))
        #expect(report["resourceType"] as? String == "DiagnosticReport")
        #expect(report["status"] as? String == "preliminary")
        #expect(report["language"] as? String == "en")
        #expect(((report["text"] as? [String: Any])?["div"] as? String)?.contains("xml:lang=\"en\"") == true)
        #expect(report["subject"] == nil)
        let contained = try #require(report["contained"] as? [[String: Any]])
        #expect(contained.map { $0["resourceType"] as? String } == ["Device", "Observation"])
        let observation = contained[1]
        #expect(observation["status"] as? String == "preliminary")
        let value = try #require(observation["valueCodeableConcept"] as? [String: Any])
        #expect(value["text"] as? String == "Malignant Pre-B")
        let components = try #require(observation["component"] as? [[String: Any]])
        let shares = components.compactMap { ($0["valueQuantity"] as? [String: Any])?["value"] as? Double }
        #expect(shares.count == 2 && abs(shares.reduce(0, +) - 1) < 1e-9)
        #expect((report["conclusion"] as? String)?.contains("not a diagnosis") == true)
        let issued = try #require(report["issued"] as? String)
        #expect(issued.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    }

    @Test func `names no class of a rejected image`() throws {
        let data = try Self.report(.rejected).fhirR4()
        let text = String(decoding: data, as: UTF8.self)
        #expect(!text.contains("Pre-B"))
        #expect(text.contains("data-absent-reason"))
        #expect(!text.contains("valueCodeableConcept"))
    }

    @Test func `escapes the narrative`() throws {
        let text = try #require(try Self.object(Self.report(.report, reason: "<b>&\""))["text"] as? [String: Any])
        let div = try #require(text["div"] as? String)
        #expect(div.contains("<p>&lt;b&gt;&amp;&quot;</p>"))
        let accents = try #require(try Self.object(Self.report(.report, reason: "<\u{301}b"))["text"] as? [String: Any])
        #expect((accents["div"] as? String)?.contains("<p>&lt;\u{301}b</p>") == true)
    }

    @Test func `links only where the site has an address`() throws {
        #expect(try Self.object(Self.report(.report))["presentedForm"] == nil)
        let report = try Self.object(Self.report(.report, address: URL(string: "https://smears.example.org/")))
        let form = try #require((report["presentedForm"] as? [[String: Any]])?.first)
        #expect((form["url"] as? String)?.hasPrefix("https://smears.example.org/api/v1/screenings/") == true)
    }

    // MARK: Fixtures

    static func object(_ report: ScreeningReport) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: report.fhirR4()) as? [String: Any])
    }

    static func picture() throws -> ReportPicture {
        let pixels = (0..<120 * 90 * 3).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        return try ReportPicture(ImageEncoder.png(RGBImage(width: 120, height: 90, pixels: pixels)))
    }

    static func report(
        _ decision: Decision, title: String = "Smear of 12 May", reason: String = "It stands out.",
        next: [String] = ["Show it to a reader."], address: URL? = nil
    ) throws -> ScreeningReport {
        let moment = Date(timeIntervalSince1970: 1_780_000_000)
        let smearCase = SmearCase(ownerID: UserID(), title: title, createdAt: moment, updatedAt: moment)
        let image = CaseImage(
            caseID: smearCase.id, number: 1, uploadKey: "a", width: 120, height: 90, byteCount: 1,
            sha256: String(repeating: "ab", count: 32), archiveKey: "images/a.png", createdAt: moment)
        return ScreeningReport(
            smearCase: smearCase, image: image, screeningID: ScreeningID(), finishedAt: moment,
            result: result(decision, reason: reason), words: words(decision, reason: reason, next: next),
            address: address)
    }

    private static func words(_ decision: Decision, reason: String, next: [String]) -> ScreeningReport.Words {
        let bars = [
            ScreeningReport.Bar(name: "Malignant Pre-B", percent: "97 %", share: 0.97),
            ScreeningReport.Bar(name: "Benign", percent: "3 %", share: 0.03),
        ]
        return ScreeningReport.Words(
            headline: decision == .rejected ? "No answer" : "Malignant Pre-B", subline: "97 % confidence",
            decision: "It was decided.", reasons: [reason], bars: decision == .rejected ? [] : bars,
            meaning: "It means this.", next: next,
            notDiagnosis: "Screening aid for qualified readers, not a diagnosis.", footer: "Only a physician can.",
            labels: ScreeningReport.Labels { $0 }, moment: { $0.formatted(.iso8601) })
    }

    private static func result(_ decision: Decision, reason: String) -> ScreeningOutcome {
        .sample(
            decision, .preB, confidence: 0.97, model: .init(name: "tiny", version: "1.0"),
            reasons: [.told(sentence: reason)],
            image: .init(width: 120, height: 90, sha256: String(repeating: "ab", count: 32)))
    }
}
