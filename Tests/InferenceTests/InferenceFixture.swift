import Foundation
import Packaging
import Tensors

/// The small real network and what OpenVINO's Python API answered to known inputs (Scripts/make_inference_fixture.py).
enum InferenceFixture {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/inference")

    static func package() throws -> ModelPackage {
        try ModelPackage(directory: folder.appendingPathComponent("tiny-package"))
    }

    /// Lends a copy of a package with another description.
    static func withPackage(
        _ description: ModelDescription, of original: ModelPackage, _ body: (ModelPackage) throws -> Void
    ) throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }  // a leftover temporary folder harms nothing
        let tensors = original.directory.appendingPathComponent(ModelPackage.FileName.parameters)
        try body(
            ModelPackage.write(
                description, onnx: original.networkURL, parameters: Safetensors.read(tensors),
                cells: original.cellModelURL, card: "", metrics: Data("{}".utf8), to: place))
    }

    /// `<input>.logits [4]`, `<input>.embedding [16]`, `<input>.features [16, 8, 8]`.
    static func expected() throws -> [String: Tensor] {
        try Safetensors.read(folder.appendingPathComponent("expected.safetensors"))
    }

    /// The generator's `ramp`: ((i · 7919 + 104729 · index) mod 256) / 128 − 1, `[3, 32, 32]`.
    static func ramp(_ index: Int) -> [Float] {
        (0..<3 * 32 * 32).map { Float(($0 * 7919 + 104_729 * index) % 256) / 128 - 1 }
    }

    /// The greatest absolute difference.
    static func difference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).map { abs($0 - $1) }.max() ?? 0
    }
}
