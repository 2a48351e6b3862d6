import Findings
import Foundation
import Packaging
import Screening
import Tensors
import Testing
import Wording

@Suite struct SimilarCasesTests {
    /// A screener on the fixture, its reference cases being the embeddings of its own four pictures.
    private func screener(_ change: (inout ModelDescription) -> Void = { _ in }) throws -> Screener {
        let expected = try ScreeningFixture.expected()
        let rows = try ScreeningFixture.keys.map { key in
            let values = try #require(expected["\(key).embedding"]).values
            let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { $0 / length }
        }
        let size = rows[0].count
        let references = try ReferenceCases(
            ids: ScreeningFixture.keys.map { "\($0).png" }, labels: [0, 1, 2, 3],
            embeddings: Tensor(shape: [4, size], values: rows.flatMap(\.self)),
            projectionMean: Tensor(shape: [size], repeating: 0),
            projectionComponents: Tensor(shape: [2, size], values: rows[0] + rows[1]), classes: 4)
        return try ScreeningFixture.screener(references: references, change)
    }

    @Test(arguments: ScreeningFixture.keys)
    func `an image is most like itself`(_ key: String) async throws {
        let cases = try #require(try await screener().screen(ScreeningFixture.bytes(key)).similarCases)
        #expect(cases.count == 4)
        #expect(cases[0].id == "\(key).png" && cases[0].label.rawValue == key)
        #expect(cases[0].cosine > 0.999)
        let cosines = cases.map(\.cosine)
        #expect(cosines == cosines.sorted(by: >))
        #expect(cosines[1] < 0.999)
    }

    @Test func `the plane holds every case and the image, which lies on its like`() async throws {
        let pictures = try await screener().pictures(ScreeningFixture.bytes("pre-b")).pictures
        let similar = try #require(pictures.analytics.similar)
        #expect(similar.points.map(\.label) == [0, 1, 2, 3, -1])
        #expect(similar.points.allSatisfy { (0...1000).contains($0.x) && (0...1000).contains($0.y) } as Bool)
        let (own, image) = (similar.points[2], similar.points[4])
        #expect(abs(own.x - image.x) <= 2 && abs(own.y - image.y) <= 2)
        #expect(similar.nearestPoints[0] == 2)
        #expect(similar.nearest.map(\.id) == similar.nearestPoints.map { "\(ScreeningFixture.keys[$0]).png" })
        let stored = try JSONEncoder().encode(pictures.analytics)
        #expect(try JSONDecoder().decode(ScreeningAnalytics.self, from: stored) == pictures.analytics)
    }

    @Test func `a rejected image is told nothing of classes`() async throws {
        let screener = try screener { $0.quality.minimumSharpness = 1e9 }
        let (result, pictures) = try await screener.pictures(ScreeningFixture.bytes("pre-b"))
        #expect(result.decision == .rejected)
        #expect(result.similarCases == nil && pictures.analytics.similar == nil)
    }

    @Test func `answers and analytics that were stored before there were similar cases can be read`() async throws {
        let plain = try ScreeningFixture.screener()
        let (result, pictures) = try await plain.pictures(ScreeningFixture.bytes("pre-b"))
        #expect(result.similarCases == nil && pictures.analytics.similar == nil)
        let stored = try JSONEncoder().encode(result)
        #expect(!String(decoding: stored, as: UTF8.self).contains("similarCases"))
        #expect(try JSONDecoder().decode(ScreeningOutcome.self, from: stored).similarCases == nil)
        let analytics = try JSONEncoder().encode(pictures.analytics)
        #expect(!String(decoding: analytics, as: UTF8.self).contains("similar"))
    }

    @Test func `the JSON of an answer names them`() async throws {
        let result = try await screener().screen(ScreeningFixture.bytes("benign"))
        let json = try ScreeningAnswer(result, text: TextCatalogue(language: "en")).json()
        #expect(json.contains(#""similarCases":[{"cosine":"#))
        #expect(try JSONDecoder().decode(ScreeningOutcome.self, from: JSONEncoder().encode(result)) == result)
    }
}
