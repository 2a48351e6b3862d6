import Foundation
import Inference
import Packaging
import Tensors
import Testing

/// Packages whose files are as released, yet do not fit each other.
@Suite struct BrokenNetworkTests {
    /// Writes a package with a changed description or network, and opens an engine on it.
    private func open(
        onnx: Data? = nil, parameters: [String: Tensor]? = nil, _ change: (inout ModelDescription) -> Void
    ) throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
        }
        let original = try InferenceFixture.package()
        var network = original.networkURL
        if let onnx {
            network = place.appendingPathComponent("other.onnx")
            try onnx.write(to: network)
        }
        var description = original.description
        change(&description)
        let tensors =
            try parameters ?? Safetensors.read(original.directory.appendingPathComponent("parameters.safetensors"))
        let package = try ModelPackage.write(
            description, onnx: network, parameters: tensors, card: "", metrics: Data("{}".utf8),
            to: place.appendingPathComponent("model"))
        _ = try InferenceEngine(package: package)
    }

    @Test func `an unchanged copy opens`() throws {
        try open { _ in }
    }

    @Test func `a feature map of another size is refused`() throws {
        let error = try #require(throws: InferenceError.self) { try open { $0.outputs.featureMapWidth = 7 } }
        #expect(error.code == .wrongShape)
        #expect(error.message.contains("[1, 16, 8, 8]") && error.message.contains("[1, 16, 8, 7]"))
    }

    @Test func `an embedding of another size is refused`() throws {
        let parameters = [
            "classifier.weight": Tensor(shape: [4, 4], repeating: 0.5),
            "classifier.bias": Tensor(shape: [4], repeating: 0),
            "novelty.centroids": Tensor(shape: [4, 4], repeating: 0.5),
        ]
        let error = try #require(throws: InferenceError.self) {
            try open(parameters: parameters) { $0.outputs.embeddingSize = 4 }
        }
        #expect(error.code == .wrongShape)
    }

    @Test(arguments: ["input", "logits", "embedding", "features"])
    func `a name that the network lacks is refused`(_ part: String) throws {
        let error = try #require(throws: InferenceError.self) {
            try open { description in
                switch part {
                case "input": description.input.name = "nothing"
                case "logits": description.outputs.logits = "nothing"
                case "embedding": description.outputs.embedding = "nothing"
                default: description.outputs.featureMap = "nothing"
                }
            }
        }
        #expect(error.code == .wrongShape)
        #expect(error.message.contains("nothing"))
    }

    @Test func `bytes that are no network are refused with the runtime's reason`() throws {
        let error = try #require(throws: InferenceError.self) { try open(onnx: Data("no network".utf8)) { _ in } }
        #expect(error.code == .loadFailed)
        #expect(error.underlying?.isEmpty == false)
    }
}
