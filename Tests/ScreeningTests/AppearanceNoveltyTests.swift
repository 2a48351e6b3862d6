import Findings
import Foundation
import Imaging
import Inference
import Packaging
import Screening
import Tensors
import Testing

/// A package whose network knows four colours, told that it was made from drawn smears.
@Suite struct AppearanceNoveltyTests {
    /// - Parameter scale: In deviations, the figures taken as independent; √50 is usual.
    private static func screener(scale: Double = 16) throws -> Screener {
        let original = try ModelPackage(directory: ScreeningFixture.folder.appendingPathComponent("tiny-package"))
        let appearances = try (0..<120).map { index in
            let drawn = try DrawnSmear.draw(class: index % 4, seed: UInt64(index), side: 128)
            return try ImageAppearance.measure(original.pipeline.image(from: drawn)).values
        }
        let (size, count) = (ImageAppearance.count, Double(appearances.count))
        let center = (0..<size).map { column in appearances.reduce(0.0) { $0 + $1[column] } / count }
        let deviation = (0..<size).map { (column: Int) -> Double in
            var squares = 0.0
            for values in appearances {
                squares += (values[column] - center[column]) * (values[column] - center[column])
            }
            return max(0.05, (squares / count).squareRoot())
        }
        var whitening = Tensor(shape: [size, size], repeating: 0)
        for row in 0..<size { whitening.values[row * size + row] = 1 }
        let reference = AppearanceReference(
            center: Tensor(shape: [size], values: center.map(Float.init)),
            deviation: Tensor(shape: [size], values: deviation.map(Float.init)), whitening: whitening)
        var description = original.description
        description.novelty = .init(method: .appearanceMahalanobis, threshold: 0.5, scale: scale)
        description.quality = .init()
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
        }
        let own = try Safetensors.read(original.directory.appendingPathComponent("parameters.safetensors"))
        let package = try ModelPackage.write(
            description, onnx: original.networkURL, parameters: own.merging(reference.parameters) { $1 }, card: "",
            metrics: Data("{}".utf8), to: place)
        return try Screener(package: package, options: InferenceOptions(goal: .latency))
    }

    private static func drawn(_ seed: UInt64, _ change: (inout [UInt8]) -> Void = { _ in }) throws -> [UInt8] {
        var image = try DrawnSmear.draw(class: 1, seed: seed, side: 128)
        change(&image.pixels)
        return try ImageEncoder.png(image)
    }

    @Test func `fresh images of the same kind are familiar`() async throws {
        let screener = try Self.screener()
        for seed in UInt64(5000)..<5012 {
            let result = try await screener.screen(Self.drawn(seed))
            #expect(result.novelty < 0.5, "seed \(seed): \(result.reasons)")
            #expect(result.decision != .rejected)
        }
    }

    @Test func `another colour is unlike them`() async throws {
        let screener = try Self.screener()
        // Red and green change places: green nuclei on the same ground.
        let swapped = try Self.drawn(5000) { pixels in
            for index in stride(from: 0, to: pixels.count, by: 3) {
                pixels[index + 1] = UInt8((Int(pixels[index + 1]) + 3 * Int(pixels[index])) / 4)
                pixels[index] = 235
            }
        }
        let result = try await screener.screen(swapped)
        #expect(result.decision == .rejected)
        #expect(result.novelty > 0.5 && result.novelty <= 1)
        #expect(abs(result.probabilities.values.reduce(0, +) - 1) < 1e-12)
    }

    @Test func `what cannot be a smear is said to be none`() async throws {
        let screener = try Self.screener()
        let dark = try Self.drawn(5000) { pixels in
            for index in pixels.indices { pixels[index] /= 4 }
        }
        let result = try await screener.screen(dark)
        #expect(result.decision == .rejected)
        #expect(try ScreeningFixture.sentences(result)[0].hasPrefix("This does not look like a stained blood smear: "))
    }

    @Test func `the reason says what is unlike`() async throws {
        // With a scale near nothing every image is unlike the others in something.
        let screener = try Self.screener(scale: 0.01)
        let result = try await screener.screen(Self.drawn(5001))
        #expect(result.decision == .rejected)
        #expect(
            try ScreeningFixture.sentences(result)[0].contains(
                "does not look like the smears that this model was tested on. What differs most is "))
    }
}
