import Comparison
import Evaluation
import Foundation
import Imaging
import Testing
import Training

/// The methods that are no networks, on patterns that anybody can tell apart.
@Suite(.serialized) struct ComparedMethodTests {
    private static let side = 64

    /// Small enough for seconds.
    private static let methods: [any ComparedMethod] = [
        ColourStacking(side: side, trees: 40), VisualWords(side: side, words: 24),
        AutoencoderMachine(side: side, epochs: 4, nodes: 120),
    ]

    private static func method(_ name: String) throws -> any ComparedMethod {
        try #require(methods.first { $0.name == name })
    }

    private func fitted(_ name: String, shuffled: Bool = false) throws -> any FittedMethod {
        TrainableNetwork.prepare(threads: 1)
        return try Self.method(name).fit(
            PatternImages.part(96, seed: 1, side: Self.side, shuffled: shuffled),
            validation: PatternImages.part(32, seed: 2, side: Self.side, shuffled: shuffled),
            classes: PatternImages.classes, seed: 5
        ) { _ in }
    }

    private func accuracy(_ method: any FittedMethod) throws -> Double {
        let test = PatternImages.part(80, seed: 3, side: Self.side)
        let hits = try (0..<test.count).filter { index in
            let logits = try method.logits(test.photograph(index))
            return logits.firstIndex(of: logits.max() ?? 0) == test.labels[index]
        }
        return Double(hits.count) / Double(test.count)
    }

    @Test(arguments: [("colour-stacking", 0.9), ("sift-bovw-svm", 0.7), ("autoencoder-relm", 0.7)])
    func `learns what can be learnt`(name: String, least: Double) throws {
        let method = try fitted(name)
        #expect(try accuracy(method) >= least)
        #expect(method.parameterCount > 0)
        #expect(!method.chosen.isEmpty)
    }

    /// Of 80 test images a guess gets 20 right, with a standard deviation of 3.9; images of one class are answered alike, so
    /// the limit is wide.
    @Test(arguments: ["colour-stacking", "sift-bovw-svm", "autoencoder-relm"])
    func `falls to chance on shuffled labels`(name: String) throws {
        #expect(try accuracy(fitted(name, shuffled: true)) <= 0.55)
    }

    @Test(arguments: ["colour-stacking", "sift-bovw-svm", "autoencoder-relm"])
    func `answers the same when it is taught again`(name: String) throws {
        let photograph = PatternImages.draw(class: 2, seed: 99, side: Self.side)
        let (first, second) = (try fitted(name), try fitted(name))
        #expect(try first.logits(photograph) == second.logits(photograph))
        #expect(first.chosen == second.chosen)
    }

    @Test(arguments: ["colour-stacking", "sift-bovw-svm", "autoencoder-relm"])
    func `an image of one colour is answered too`(name: String) throws {
        let flat = RGBImage(width: 64, height: 64, pixels: [UInt8](repeating: 128, count: 64 * 64 * 3))
        let logits = try fitted(name).logits(flat)
        #expect(logits.count == PatternImages.classes && logits.allSatisfy(\.isFinite))
    }

    @Test func `settings are on one line, and tell methods apart`() throws {
        let texts = try Self.methods.map { try $0.settingsJSON() }
        #expect(Set(texts).count == texts.count)
        for text in texts {
            #expect(!text.contains("\n"))
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            #expect(object?["settings"] is [String: Any])
        }
        #expect(try ColourStacking(trees: 41).settingsJSON() != ColourStacking(trees: 40).settingsJSON())
    }

    @Test func `too few key points for the vocabulary are refused in words`() throws {
        let flat = RGBImage(width: 64, height: 64, pixels: [UInt8](repeating: 128, count: 64 * 64 * 3))
        let part = LearningPart(labels: [0, 1, 2, 3], groups: ["a", "b", "c", "d"]) { _ in flat }
        let error = #expect(throws: ComparisonError.self) {
            try VisualWords(side: 64, words: 24).fit(part, validation: part, classes: 4, seed: 1) { _ in }
        }
        #expect(error?.message.contains("key points") == true)
    }
}
