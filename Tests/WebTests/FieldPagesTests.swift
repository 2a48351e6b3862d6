import Clinic
import Findings
import Foundation
import HTTPTypes
import HummingbirdTesting
import Imaging
import Packaging
import Screening
import Testing
import Web

/// A large image on the pages: which of its fields were read, and where they lie.
@Suite(.timeLimit(.minutes(15))) struct FieldPagesTests {
    private static func screener() throws -> Screener {
        try Screener(
            package: ModelPackage(
                directory: TestSite.fixtures.deletingLastPathComponent().deletingLastPathComponent()
                    .appending(path: "Models/demonstration")))
    }

    /// Three by three drawn smears beside each other.
    private static func large() throws -> [UInt8] {
        let tiles = try (0..<9).map { try DrawnSmear.draw(class: 0, seed: UInt64($0)) }
        var pixels: [UInt8] = []
        for row in 0..<672 {
            for column in 0..<3 {
                let from = row % 224 * 672
                pixels += tiles[row / 224 * 3 + column].pixels[from..<from + 672]
            }
        }
        return try ImageEncoder.png(RGBImage(width: 672, height: 672, pixels: pixels))
    }

    private static func rectangles(_ page: String) -> Int {
        page.components(separatedBy: "<rect class=\"field-").count - 1
    }

    @Test func `an answer that is not kept says how many fields were read, and shows them when asked`() async throws {
        try await TestSite.run(release: Self.screener()) { client in
            func page(_ picture: [UInt8]) async throws -> String {
                let response = try await client.execute(
                    uri: "/screen", method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
                return response.text
            }
            let large = try await page(Self.large())
            #expect(
                large.contains(
                    #/<strong>Fields:<\/strong> \d fields? read, \d left out: .*\d unlike the training images\./#))
            #expect(Self.rectangles(large) == 9)
            #expect(
                large.contains("id=\"fields-check\"") && large.contains("left out: unlike the training images</title>"))
            let small = try await page(ImageEncoder.png(DrawnSmear.draw(class: 0, seed: 1)))
            #expect(Self.rectangles(small) == 0)
            #expect(!small.contains("fields-check") && !small.contains("<strong>Fields:"))
        }
    }

    @Test func `a stored answer keeps its fields as a layer over the picture`() async throws {
        try await CaseDesk.run(release: Self.screener()) { desk in
            let response = try await desk.send(
                "/cases", images: [Self.large(), CaseDesk.drawing(1)], fields: [("title", "Sample")])
            let path = try #require(response.headers[.location])
            let id = try #require(CaseID(String(path.split(separator: "/").last ?? "")))
            try await desk.screenAll()
            let screenings = try await desk.screenings(of: id)
            let pages = try await [
                desk.browser.get("/screenings/\(screenings[0].id)").text,
                desk.browser.get("/screenings/\(screenings[1].id)").text,
            ].sorted { Self.rectangles($0) < Self.rectangles($1) }
            #expect(pages.map(Self.rectangles) == [0, 9])
            #expect(pages[1].contains("id=\"lens-fields\"") && pages[1].contains("viewBox=\"0 0 672 672\""))
            #expect(!pages[0].contains("lens-fields"))
            let large = try #require(screenings.first { $0.outcome?.fields?.isCut == true })
            let pdf = try await desk.browser.get("/screenings/\(large.id)/report.pdf")
            #expect(pdf.status == .ok)
        }
    }
}
