import Evaluation
import Findings
import Foundation
import Packaging
import Screening
import Testing
import Wording

@Suite struct ScreeningResultTests {
    @Test func `has the documented fields in their order`() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("benign"))
        let text = try ScreeningAnswer(result, text: TextCatalogue(language: "en")).json(file: "a/b.png")
        #expect(!text.contains("\n"))
        let fields = [
            "file", "label", "displayName", "probabilities", "benign", "early-pre-b", "pre-b", "pro-b", "confidence",
            "decision", "reasons", "reasonCodes", "predictionSet", "novelty", "quality", "fields", "read", "refused",
            "skipped", "model", "image", "timings",
            "decodeMs",
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

    @Test func `reads back what it wrote`() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("early-pre-b"))
        let fromCoder = try JSONDecoder().decode(ScreeningOutcome.self, from: try JSONEncoder().encode(result))
        #expect(fromCoder == result)
    }

    @Test func `an answer from before images were cut still opens`() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("early-pre-b"))
        #expect(result.fields == ScreenedFields(whole: 32, 32, fault: nil))
        var object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(result)) as? [String: Any])
        #expect(object.removeValue(forKey: "fields") != nil)
        let old = try JSONDecoder().decode(
            ScreeningOutcome.self, from: JSONSerialization.data(withJSONObject: object))
        #expect(old.fields == nil && old.label == result.label && old.reasons == result.reasons)
        #expect(try !ScreeningAnswer(old, text: TextCatalogue(language: "en")).json().contains("\"fields\""))
    }

    @Test func `the line and the encoded object say the same, with a code for each sentence`() async throws {
        let result = try await ScreeningFixture.screener { $0.decision.minimumConfidence = 1 }
            .screen(ScreeningFixture.bytes("pre-b"))
        let answer = ScreeningAnswer(result, text: try TextCatalogue(language: "en"))
        let line = try #require(try JSONSerialization.jsonObject(with: Data(answer.json().utf8)) as? NSDictionary)
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(answer)) as? NSDictionary)
        #expect(line == object)
        #expect(line["reasonCodes"] as? [String] == ["low-confidence"])
        #expect(try line["reasons"] as? [String] == ScreeningFixture.sentences(result))
        #expect((line["image"] as? [String: Any])?["sha256"] as? String == result.image.sha256)
    }

    @Test func `a stored image tells both of its sums by name, and no other`() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("pre-b"))
        let answer = ScreeningAnswer(result, text: try TextCatalogue(language: "en"), sentSHA256: "ab")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.json().utf8)) as? [String: Any])
        let image = try #require(object["image"] as? [String: Any])
        #expect(image.keys.sorted() == ["height", "sentSHA256", "storedSHA256", "width"])
        #expect(image["sentSHA256"] as? String == "ab" && image["storedSHA256"] as? String == result.image.sha256)
    }

    @Test func `an answer tells its microscope, and without one that it is not qualified`() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("pre-b"))
        let text = try TextCatalogue(language: "en")
        func site(_ answer: ScreeningAnswer) throws -> [String: String]? {
            let object = try JSONSerialization.jsonObject(with: Data(answer.json().utf8)) as? [String: Any]
            return object?["site"] as? [String: String]
        }
        #expect(try site(ScreeningAnswer(result, text: text)) == ["qualification": "unqualified"])
        let known = ScreeningAnswer(result, text: text, site: .init(name: "Stand 2", qualification: "qualified"))
        #expect(try site(known) == ["name": "Stand 2", "qualification": "qualified"])
    }

    @Test func `softmax is computed with temperature and without overflow`() {
        func probabilities(_ logits: [Float], temperature: Double) -> ClassProbabilities {
            ClassProbabilities(TemperatureScaling.softmax(logits, temperature: temperature))
        }
        let three = Float(log(3.0))
        let plain = probabilities([0, three, 0, three], temperature: 1)
        #expect(abs(plain[.earlyPreB] - 0.375) < 1e-6)
        let warm = probabilities([0, 2 * three, 0, 2 * three], temperature: 2)
        #expect(abs(warm[.earlyPreB] - 0.375) < 1e-6)
        let huge = probabilities([1e30, -1e30, 0, 0], temperature: 1)
        #expect(huge.values == [1, 0, 0, 0])
        #expect(huge[.benign] == 1 && huge[.proB] == 0)
        #expect(plain.mostProbable == .earlyPreB)
    }
}
