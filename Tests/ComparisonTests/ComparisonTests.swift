import Comparison
import Datasets
import Evaluation
import Foundation
import Imaging
import Testing
import Training

/// The whole of a comparison on pattern images: networks of seconds, colours, and the fusion.
@Suite(.serialized) struct ComparisonRunTests {
    private static let keys = ["benign", "early-pre-b", "pre-b", "pro-b"]

    /// A folder with a set of patterns, removed at the end.
    private func withSet(_ body: (_ folder: URL, _ set: Dataset) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("compare-\(UUID().uuidString)")
        defer { do { try FileManager.default.removeItem(at: folder) } catch { print("left \(folder.path): \(error)") } }
        for (label, name) in ["Benign", "Early", "Pre", "Pro"].enumerated() {
            let images = folder.appendingPathComponent("set/\(name)")
            try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
            for number in 0..<12 {
                let image = PatternImages.draw(class: label, seed: UInt64(1000 + number), side: 48)
                try Data(ImageEncoder.png(image)).write(to: images.appendingPathComponent("\(number).png"))
            }
        }
        try body(folder, try Dataset.load(folder: folder.appendingPathComponent("set")))
    }

    private func recipe(_ architecture: String, validationFraction: Double = 0.1) -> TrainingConfiguration {
        var configuration = TrainingConfiguration()
        configuration.architecture = architecture
        configuration.pretrained = false
        configuration.batchSize = 8
        configuration.epochs = 1
        configuration.precision = .float32
        configuration.threads = 1
        configuration.augmentation = .none
        configuration.preprocessing = .standard(side: 32)
        configuration.validationFraction = validationFraction
        return configuration
    }

    private func comparison(
        _ set: Dataset, _ out: URL, only: Set<Int>? = nil, finished: [String: URL] = [:], trees: Int = 10,
        seen: @escaping (String) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false }
    ) throws -> Comparison {
        try Comparison(
            plan: .init(
                dataset: set, classKeys: Self.keys, split: .blocks, foldCount: 2, only: only,
                // They hold back other shares, and are fused all the same.
                recipes: [
                    "small-cnn": recipe("small-cnn"),
                    "mobilenet-v2": recipe("mobilenet-v2", validationFraction: 0.3),
                ],
                finished: finished, directory: out, pretrained: out),
            observer: .init(line: seen, training: { _ in }, shouldStop: shouldStop),
            classical: [ColourStacking(side: 48, trees: trees)])
    }

    @Test func `finished folds are kept, and the fusion is made of the networks' answers`() throws {
        try withSet { folder, set in
            let out = folder.appendingPathComponent("out")
            let names = ["small-cnn", "mobilenet-v2", "colour-stacking", "fuzzy-rank-fusion"]
            #expect(try comparison(set, out).methods == names)
            let first = try comparison(set, out).run(names)
            #expect(first.methods.map(\.name) == names)
            #expect(first.folds == [1, 2] && first.images == 48)
            let colours = try #require(first.methods.first { $0.name == "colour-stacking" })
            #expect((colours.mean["accuracy"] ?? 0) > 0.6)
            let fusion = try #require(first.methods.last)
            #expect(fusion.members == ["small-cnn", "mobilenet-v2"])
            #expect(fusion.parameters == first.methods[0].parameters + first.methods[1].parameters)
            for method in first.methods {
                #expect(method.folds.count == 2 && method.pooled.images == 48)
                #expect(method.variations.count == 8)  // unchanged, grey, six shifts
                #expect(method.greyscaleLoss != nil && method.worstStain != nil)
            }

            var lines: [String] = []
            let again = try comparison(set, out, seen: { lines.append($0) }).run(names)
            #expect(lines == ["figures and intervals"])
            #expect(try again.json() == first.json())

            // One fold is missing: only that one is run.
            try FileManager.default.removeItem(at: out.appendingPathComponent("colour-stacking/fold-2"))
            let third = try comparison(set, out, seen: { lines.append($0) }).run(["colour-stacking"])
            #expect(lines.contains { $0.hasPrefix("colour-stacking, fold 2") })
            #expect(!lines.contains { $0.hasPrefix("colour-stacking, fold 1") })
            #expect(third.methods[0].pooled == colours.pooled)

            let other = #expect(throws: ComparisonError.self) {
                try comparison(set, out, trees: 11).run(["colour-stacking"])
            }
            #expect(other?.message.contains("another configuration") == true)
        }
    }

    @Test func `a cross-validation that is finished is taken as it is`() throws {
        try withSet { folder, set in
            let (out, runs) = (folder.appendingPathComponent("out"), folder.appendingPathComponent("runs"))
            _ = try comparison(set, runs, only: [1]).run(["small-cnn"])
            let finished = ["small-cnn": runs.appendingPathComponent("small-cnn")]
            let results = try comparison(set, out, only: [1], finished: finished).run(["small-cnn"])
            #expect(results.folds == [1])
            let files = FileManager.default
            #expect(files.fileExists(atPath: out.appendingPathComponent("small-cnn/fold-1/measurement.json").path))
            #expect(!files.fileExists(atPath: out.appendingPathComponent("small-cnn/fold-1/result.json").path))
            let missing = #expect(throws: ComparisonError.self) {
                try comparison(set, out, finished: finished).run(["small-cnn"])
            }
            #expect(missing?.message.contains("no finished fold 2") == true)
        }
    }

    @Test func `what cannot be compared is refused in words`() throws {
        try withSet { folder, set in
            let out = folder.appendingPathComponent("out")
            let unknown = #expect(throws: ComparisonError.self) { try comparison(set, out).run(["luck"]) }
            #expect(unknown?.message.contains("colour-stacking") == true)
            #expect(throws: ComparisonError.self) { try comparison(set, out).run(["small-cnn", "fuzzy-rank-fusion"]) }
            let stopped = #expect(throws: ComparisonError.self) {
                try comparison(set, out, shouldStop: { true }).run(["colour-stacking"])
            }
            #expect(stopped?.code == .interrupted)
            #expect(!FileManager.default.fileExists(atPath: out.appendingPathComponent("colour-stacking").path))
        }
    }
}
