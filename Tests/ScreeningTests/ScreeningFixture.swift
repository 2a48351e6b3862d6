import Findings
import Foundation
import Inference
import Packaging
import Screening
import Tensors
import Testing
import Wording

/// The small real network that tells four colours apart, and its four pictures (Scripts/make_inference_fixture.py).
enum ScreeningFixture {
    static let keys = ["benign", "early-pre-b", "pre-b", "pro-b"]
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/inference")

    static func image(_ key: String) -> URL { folder.appendingPathComponent("\(key).png") }

    static func bytes(_ key: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: image(key))) }

    /// The reasons as people read them.
    static func sentences(_ outcome: ScreeningOutcome) throws -> [String] {
        let text = try TextCatalogue(language: "en")
        return outcome.reasons.map { text($0.message) }
    }

    static func expected() throws -> [String: Tensor] {
        try Safetensors.read(folder.appendingPathComponent("expected.safetensors"))
    }

    /// A screener on the package, its description changed, with these reference cases if any.
    static func screener(
        references: ReferenceCases? = nil, _ change: (inout ModelDescription) -> Void = { _ in }
    ) throws -> Screener {
        let original = try ModelPackage(directory: folder.appendingPathComponent("tiny-package"))
        var description = original.description
        change(&description)
        if description == original.description, references == nil {
            return try Screener(package: original, options: InferenceOptions(goal: .latency))
        }
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
        }
        let package = try ModelPackage.write(
            description, onnx: original.networkURL,
            parameters: Safetensors.read(original.directory.appendingPathComponent("parameters.safetensors")),
            references: references, card: "", metrics: Data("{}".utf8), to: place)
        return try Screener(package: package, options: InferenceOptions(goal: .latency))
    }
}
