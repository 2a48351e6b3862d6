import Findings
import Foundation
import Hummingbird
import HummingbirdTesting
import Imaging
import Packaging
import Screening
import Tensors
import Testing
import Web

@Suite struct AnalyticsTests {
    private static let demonstration = TestSite.fixtures.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Models/demonstration")

    /// The answer to a drawn smear by the demonstration model, which names its stages.
    private func drawnPage() async throws -> String {
        let screener = try Screener(package: ModelPackage(directory: Self.demonstration))
        let picture = try ImageEncoder.jpeg(DrawnSmear.draw(class: 1, seed: 23), quality: 90)
        return try await page(screener, picture)
    }

    private func page(_ screener: Screener, _ picture: [UInt8]) async throws -> String {
        try await TestSite.run(release: screener) { client in
            let response = try await client.execute(
                uri: "/screen", method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
            #expect(response.status == .ok)
            return response.text
        }
    }

    private func seen(_ page: String) throws -> String {
        let start = try #require(page.range(of: "<section class=\"seen\""))
        let end = try #require(page.range(of: "<p class=\"claim\">"))
        return String(page[start.lowerBound..<end.lowerBound])
    }

    @Test func `an answer that is not kept shows steps, cells, maps and times in the page itself`() async throws {
        let seen = try seen(try await drawnPage())
        for words in [
            "As decoded", "Corner masked", "16 % × 16 %", "Resized", "224 × 224 pixels", "Normalised", "Early layer",
            "Middle layer", "Last layer", "Nuclei and cells", "Roundness", "Where the time went", "Explain",
        ] {
            #expect(seen.contains(words), "\(words)")
        }
        #expect(!seen.contains("src=\"data:image/jpeg;base64,\""))
        #expect(seen.components(separatedBy: "src=\"data:image/png;base64,").count == 4)
        #expect(seen.components(separatedBy: "src=\"data:image/jpeg;base64,").count == 6)
    }

    @Test func `every picture has words for those who do not see it`() async throws {
        let seen = try seen(try await drawnPage())
        let pictures = seen.components(separatedBy: "<img ").dropFirst()
        #expect(pictures.count == 8)
        for picture in pictures { #expect(!picture.contains("alt=\"\"") && picture.contains("alt=\"")) }
    }

    @Test func `the table has a row for each cell and the medians`() async throws {
        let seen = try seen(try await drawnPage())
        let body = try #require(seen.components(separatedBy: "<table class=\"seen-table\">").dropFirst().first)
        let rows = body.components(separatedBy: "</table>")[0].components(separatedBy: "<th scope=\"row\">").count - 1
        #expect(rows >= 3)
        #expect(seen.contains("with \(rows) nuclei outlined"))
        #expect(seen.contains("Usual values (medians)"))
    }

    @Test func `a field without cells says so`() async throws {
        let glass = RGBImage(width: 64, height: 64, pixels: [UInt8](repeating: 220, count: 64 * 64 * 3))
        let page = try await page(TestSite.screener(answering: .report), ImageEncoder.png(glass))
        let seen = try seen(page)
        #expect(seen.contains("0 nuclei found."))
        #expect(!seen.contains("seen-table"))
        #expect(!seen.contains("seen-stages"))
    }

    @Test func `a rejected image shows steps and cells, but no class and no heat map`() async throws {
        let page = try await page(TestSite.screener(answering: .rejected), TestSite.picture())
        let seen = try seen(page)
        #expect(seen.contains("As decoded") && seen.contains("Nuclei and cells"))
        #expect(!page.contains("id=\"heat\""))
        for name in ["Benign", "Malignant", "Pre-B", "Pro-B"] { #expect(!seen.contains(name)) }
    }

    /// Four cases, each along one axis of the tiny network's embedding.
    private func references() throws -> [UInt8] {
        let size = 16
        func axis(_ index: Int) -> [Float] { (0..<size).map { $0 == index ? 1 : 0 } }
        return try ReferenceCases(
            ids: ["Benign/one.jpg", "Early/two.jpg", "Pre/three & four.jpg", "Pro/five.jpg"], labels: [0, 1, 2, 3],
            embeddings: Tensor(shape: [4, size], values: (0..<4).flatMap(axis)),
            projectionMean: Tensor(shape: [size], repeating: 0),
            projectionComponents: Tensor(shape: [2, size], values: axis(0) + axis(1)), classes: 4
        ).fileBytes()
    }

    @Test func `similar cases are named and drawn as dots, and never as pictures`() async throws {
        let screener = try TestSite.screener(answering: .report, references: references())
        let seen = try seen(try await page(screener, TestSite.picture()))
        let similar = try #require(seen.components(separatedBy: "id=\"seen-similar\"").dropFirst().first)
            .components(separatedBy: "</section>")[0]
        for words in [
            "Most similar reference cases", "Benign/one.jpg", "Pre/three &amp; four.jpg", "Malignant Pro-B",
            "Compared with 4 reference cases", "No picture of the training set", "class=\"case-self\"", "role=\"img\"",
        ] {
            #expect(similar.contains(words), "\(words)")
        }
        #expect(!similar.contains("<img"))
        #expect(similar.components(separatedBy: "<th scope=\"row\">").count == 5)
        #expect(similar.components(separatedBy: "class=\"case-ring\"").count == 5)
    }

    @Test func `a rejected image, and a model without reference cases, show no similar ones`() async throws {
        let rejected = try TestSite.screener(answering: .rejected, references: references())
        #expect(try await !page(rejected, TestSite.picture()).contains("seen-similar"))
        let plain = try TestSite.screener(answering: .report)
        #expect(try await !page(plain, TestSite.picture()).contains("seen-similar"))
    }

    @Test func `a page of an answer that is not kept stays light`() async throws {
        #expect(try await drawnPage().utf8.count < 1_500_000)
    }
}
