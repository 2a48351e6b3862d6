import Foundation
import Screening
import Testing

@Suite("The JSON of a screening")
struct ScreeningResultTests {
    @Test func hasTheDocumentedFieldsInTheirOrder() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("benign"))
        let text = try result.json(file: "a/b.png")
        #expect(!text.contains("\n"))
        let fields = [
            "file", "label", "displayName", "probabilities", "benign", "early-pre-b", "pre-b", "pro-b", "confidence",
            "decision", "reasons", "predictionSet", "novelty", "quality", "model", "image", "timings", "decodeMs",
            "preprocessMs", "inferenceMs", "notice",
        ]
        var rest = text[...]
        for field in fields {
            let place = try #require(rest.range(of: "\"\(field)\":"), "\(field) is missing or out of order")
            rest = rest[place.upperBound...]
        }
        let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let object = try #require(parsed as? [String: Any])
        #expect(object["file"] as? String == "a/b.png")
        let probabilities = try #require(object["probabilities"] as? [String: Double])
        #expect(abs(probabilities.values.reduce(0, +) - 1) < 1e-9)
    }

    @Test func readsBackWhatItWrote() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("early-pre-b"))
        let fromLine = try JSONDecoder().decode(ScreeningResult.self, from: Data(try result.json().utf8))
        #expect(fromLine == result)
        let fromCoder = try JSONDecoder().decode(ScreeningResult.self, from: try JSONEncoder().encode(result))
        #expect(fromCoder == result)
    }

    @Test func softmaxIsComputedWithTemperatureAndWithoutOverflow() {
        let keys = ["a", "b"]
        let plain = ClassProbabilities(keys: keys, logits: [0, Float(log(3.0))], temperature: 1)
        #expect(abs(plain.values[1] - 0.75) < 1e-6)
        let warm = ClassProbabilities(keys: keys, logits: [0, Float(2 * log(3.0))], temperature: 2)
        #expect(abs(warm.values[1] - 0.75) < 1e-6)
        let huge = ClassProbabilities(keys: keys, logits: [1e30, -1e30], temperature: 1)
        #expect(huge.values == [1, 0])
        #expect(huge["a"] == 1 && huge["c"] == nil)
        #expect(plain.mostProbable == 1)
    }
}
