import Findings
import Foundation
import Imaging
import Packaging
import Screening
import Tensors
import Testing

@Suite struct ScreenerTests {
    @Test(arguments: ScreeningFixture.keys)
    func `answers with the reference probabilities`(_ key: String) async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes(key))
        let logits = try #require(try ScreeningFixture.expected()["\(key).logits"]).values
        // softmax(logits / 1.5), the package's temperature
        let exponentials = logits.map { exp(Double($0) / 1.5) }
        let sum = exponentials.reduce(0, +)
        #expect(result.label.rawValue == key)
        for (value, exponential) in zip(result.probabilities.values, exponentials) {
            #expect(abs(value - exponential / sum) < 1e-4)
        }
        #expect(abs(result.probabilities.values.reduce(0, +) - 1) < 1e-12)
        #expect(result.confidence == result.probabilities.values.max())
        #expect(result.model.name == "tiny")
        #expect(result.image.width == 32 && result.image.height == 32)
        #expect(result.image.sha256.count == 64)
        #expect(result.notice?.isEmpty == false)
        #expect(result.timings.decodeMs >= 0 && result.timings.inferenceMs > 0)
    }

    @Test func `a clear image is reported`() async throws {
        let result = try await ScreeningFixture.screener().screen(ScreeningFixture.bytes("pre-b"))
        #expect(result.decision == .report, "\(result.reasons)")
        #expect(result.predictionSet == [.preB])
        #expect(result.reasons.count == 1)
    }

    @Test func `a set of several classes is uncertain`() async throws {
        let screener = try ScreeningFixture.screener { description in
            for key in ScreeningFixture.keys { description.conformal.thresholds[key] = 1 }
        }
        let result = try await screener.screen(ScreeningFixture.bytes("pre-b"))
        #expect(result.decision == .uncertain)
        #expect(result.predictionSet == SmearClass.allCases)
        #expect(
            try ScreeningFixture.sentences(result)[0].hasPrefix(
                "The model could not choose between several classes (95.0 % method)"))
    }

    @Test func `the most probable class is always possible`() async throws {
        let screener = try ScreeningFixture.screener { description in
            for key in ScreeningFixture.keys { description.conformal.thresholds[key] = 0 }
        }
        let result = try await screener.screen(ScreeningFixture.bytes("pre-b"))
        #expect(result.decision == .report)
        #expect(result.predictionSet == [.preB])
    }

    @Test func `a confidence under the minimum is uncertain`() async throws {
        let screener = try ScreeningFixture.screener { $0.decision.minimumConfidence = 1 }
        let result = try await screener.screen(ScreeningFixture.bytes("pre-b"))
        #expect(result.decision == .uncertain)
        #expect(try ScreeningFixture.sentences(result).contains { $0.contains("below the minimum of 100.0 %") })
    }

    @Test func `benign is told up to a limit of novelty of its own, leukaemia beyond it`() async throws {
        func answer(_ key: String, _ limit: Double?) async throws -> ScreeningOutcome {
            try await ScreeningFixture.screener {
                $0.formatVersion = ModelDescription.currentFormatVersion
                $0.novelty.benignThreshold = limit
            }.screen(ScreeningFixture.bytes(key))
        }
        let novelty = try await answer("benign", nil).novelty
        // A run of the network may differ from another in the last digits.
        #expect(try await answer("benign", novelty + 1e-5).decision == .report)
        let limit = novelty - 1e-5
        let left = try await answer("benign", limit)
        #expect(left.decision == .uncertain && left.label == .benign && left.finding.reported == nil)
        #expect(left.reasons == [.tooUnfamiliarForBenign(found: left.novelty, limit: limit)])
        for key in ScreeningFixture.keys.dropFirst() {
            #expect(try await answer(key, 0).decision == .report, "\(key)")
        }
    }

    @Test func `an image unlike the training images is rejected`() async throws {
        let pixels = (0..<32 * 32 * 3).map { UInt8(($0 * 89) % 256) }
        let noise = try ImageEncoder.png(RGBImage(width: 32, height: 32, pixels: pixels))
        let screener = try ScreeningFixture.screener { $0.novelty.threshold = 0.001 }
        let result = try await screener.screen(noise)
        #expect(result.decision == .rejected)
        #expect(result.novelty > 0.001 && result.novelty <= 2)
        #expect(try ScreeningFixture.sentences(result)[0].contains("does not look like the smears"))
        #expect(abs(result.probabilities.values.reduce(0, +) - 1) < 1e-12)
    }

    @Test func `a poor image is rejected with every reason`() async throws {
        let grey = try ImageEncoder.png(
            RGBImage(width: 64, height: 48, pixels: [UInt8](repeating: 10, count: 64 * 48 * 3)))
        let screener = try ScreeningFixture.screener { description in
            description.novelty.threshold = 2
            description.quality = .init(
                minimumSharpness: 5, minimumBrightness: 0.2, minimumContrast: 0.01, minimumStainedFraction: 0.01)
        }
        let result = try await screener.screen(grey)
        #expect(result.decision == .rejected)
        #expect(result.reasons.count == 4)
        for words in ["blurred", "too dark", "almost nothing", "stained"] {
            #expect(try ScreeningFixture.sentences(result).contains { $0.contains(words) }, "\(words)")
        }
        #expect(result.image.width == 64 && result.image.height == 48)
    }

    @Test func `a value just under its limit is told from it`() async throws {
        let bytes = try ScreeningFixture.bytes("pro-b")
        let sharpness = try await ScreeningFixture.screener().screen(bytes).quality.sharpness
        let screener = try ScreeningFixture.screener { $0.quality.minimumSharpness = sharpness * 1.0001 }
        let reason = try #require(try ScreeningFixture.sentences(await screener.screen(bytes)).first)
        let match = try #require(reason.firstMatch(of: /sharpness ([0-9.]+), at least ([0-9.]+) needed/))
        #expect(match.1 != match.2, "\(reason)")
    }

    @Test func `the explanation shows map and steps`() async throws {
        let screener = try ScreeningFixture.screener()
        let explanation = try await screener.explain(ScreeningFixture.bytes("pro-b"))
        #expect(explanation.result.label == .proB)
        #expect(explanation.map.count == 64 && explanation.mapWidth == 8 && explanation.mapHeight == 8)
        #expect(explanation.map.max() == 1)
        #expect(explanation.map.allSatisfy { (0...1).contains($0) })
        #expect(explanation.image.width == 32)
        #expect(explanation.preprocessing.map(\.name) == ["original", "resize", "normalize"])
        let picture = try ImageDecoder.decode(await screener.heatmap(of: explanation))
        #expect(picture.width == 32 && picture.height == 32)
        #expect(picture != explanation.image)
    }

    @Test func `a large image is shown smaller`() async throws {
        let pixels = [UInt8](repeating: 120, count: 2500 * 500 * 3)
        let bytes = try ImageEncoder.png(RGBImage(width: 2500, height: 500, pixels: pixels), level: 1)
        let explanation = try await ScreeningFixture.screener().explain(bytes)
        #expect(explanation.image.width == 1024)
        #expect((204...205).contains(explanation.image.height))
        #expect(explanation.result.image.width == 2500)
    }

    @Test func `bytes that are no image throw`() async throws {
        let screener = try ScreeningFixture.screener()
        for bytes in [
            [UInt8](), [UInt8]("no image at all".utf8), try Array(ScreeningFixture.bytes("pro-b").prefix(400)),
        ] {
            await #expect(throws: ImagingError.self) { try await screener.screen(bytes) }
        }
    }

    @Test func `files that are none throw`() async throws {
        let screener = try ScreeningFixture.screener()
        for (path, code) in [
            ("/nowhere/at/all.png", ScreeningError.Code.fileNotFound), ("/tmp", .notAFile), ("/dev/zero", .notAFile),
        ] {
            let error = await #expect(throws: ScreeningError.self) {
                try await screener.screen(contentsOf: URL(fileURLWithPath: path))
            }
            #expect(error?.code == code)
        }
    }

    @Test func `many tasks share one screener`() async throws {
        let screener = try ScreeningFixture.screener()
        let bytes = try ScreeningFixture.keys.map { try ScreeningFixture.bytes($0) }
        let labels = try await withThrowingTaskGroup(of: (Int, SmearClass).self) { group in
            for index in 0..<80 { group.addTask { (index, try await screener.screen(bytes[index % 4]).label) } }
            return try await group.reduce(into: [Int: SmearClass]()) { $0[$1.0] = $1.1 }
        }
        for index in 0..<80 { #expect(labels[index] == SmearClass.allCases[index % 4]) }
    }
}
