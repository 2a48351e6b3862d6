import Evaluation
import Foundation
import Imaging
import Packaging
import Tensors
import Testing
import Training

@Suite struct AppearanceNoveltyTests {
    private static func prepared(_ drawn: DrawnFolder) throws -> PreparedImages {
        var configuration = TrainingConfiguration()
        configuration.preprocessing = .standard(side: 96)
        return try PreparedImages(
            items: drawn.items, classKeys: ModelClass.standard.map(\.key),
            manifestSHA256: String(repeating: "0", count: 64), configuration: configuration)
    }

    private static func appearance(_ image: RGBImage) throws -> [Double] {
        let pipeline = PreprocessingPipeline.standard(side: 96)
        return try ImageAppearance.measure(pipeline.image(from: image)).values
    }

    @Test func `drawn smears are familiar and others are not`() throws {
        let novelty = try AppearanceNovelty(
            of: Self.prepared(DrawnFolder(count: 160, side: 96, seed: 41)), indices: Array(0..<160))
        let fresh = try (0..<100).map { index in
            novelty.score(
                of: try Self.appearance(DrawnSmear.draw(class: index % 4, seed: UInt64(900_000 + index), side: 96)))
        }
        #expect(fresh.count { $0 > AppearanceNovelty.threshold } <= 4)
        for index in 0..<20 {
            let drawn = try DrawnSmear.draw(class: index % 4, seed: UInt64(800_000 + index), side: 96)
            let negative = RGBImage(width: 96, height: 96, pixels: drawn.pixels.map { 255 - $0 })
            #expect(novelty.score(of: try Self.appearance(negative)) > AppearanceNovelty.threshold)
        }
        #expect(novelty.description.method == .appearanceMahalanobis)
        #expect(novelty.description.scale == novelty.scale)
        #expect(novelty.reference.whitening.shape == [ImageAppearance.count, ImageAppearance.count])
    }

    @Test func `the order of the indices changes nothing`() throws {
        let images = try Self.prepared(DrawnFolder(count: 40, side: 96, seed: 42))
        let first = try AppearanceNovelty(of: images, indices: Array(0..<40))
        let second = try AppearanceNovelty(of: images, indices: Array((0..<40).reversed()))
        #expect(first.scale == second.scale)
        #expect(first.distance == second.distance)
    }

    @Test func `files unlike the others of their class make more room`() throws {
        func vectors(_ drift: Double) -> [[Double]] {
            (0..<200).map { (index: Int) -> [Double] in
                var vector = (2..<5).map { (step: Int) -> Double in sin(Double(index * step) * 12.9898) }
                if index >= 160 { vector[0] += drift }  // the last of the five pieces
                return vector
            }
        }
        func scale(_ drift: Double) throws -> Double {
            try AppearanceNovelty(
                appearances: vectors(drift), varied: vectors(drift), labels: [Int](repeating: 0, count: 200)
            ).scale
        }
        #expect(try scale(6) > 1.5 * scale(0))
    }

    @Test func `a package is fitted anew without its network`() throws {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/inference/tiny-package")
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("refit-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
        }
        try FileManager.default.copyItem(at: fixture, to: place)
        let before = try ModelPackage(directory: place)
        #expect(before.appearance == nil)
        var configuration = TrainingConfiguration()
        configuration.preprocessing = before.pipeline
        let drawn = try DrawnFolder(count: 40, side: 64, seed: 43)
        let images = try PreparedImages(
            items: drawn.items, classKeys: before.description.classKeys,
            manifestSHA256: String(repeating: "0", count: 64), configuration: configuration)
        let after = try before.refitAppearance(on: images, indices: Array(0..<40))
        #expect(after.appearance != nil)
        #expect(after.description.novelty.method == .appearanceMahalanobis)
        #expect(after.description.files["model.onnx"] == before.description.files["model.onnx"])
        #expect(after.centroids == before.centroids)
        #expect(after.description.calibration == before.description.calibration)

        let limit = try #require(try BenignNoveltyLimit(novelties: [0.3125], threshold: 0.5))
        let limited = try after.limitingBenign(to: limit)
        #expect(limited.directory == place && limited.description.novelty.benignThreshold == 0.3125)
        #expect(limited.description.formatVersion == 3)
        var rest = limited.description
        (rest.novelty.benignThreshold, rest.formatVersion) = (nil, after.description.formatVersion)
        #expect(rest == after.description && limited.appearance == after.appearance)
        // Chosen on other scores, it says nothing of those of a new fit.
        #expect(
            try limited.refitAppearance(on: images, indices: Array(0..<40)).description.novelty.benignThreshold == nil)
    }
}
