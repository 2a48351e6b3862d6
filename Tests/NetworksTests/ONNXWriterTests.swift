import Foundation
import NetworkFixtures
import Networks
import Tensors
import Testing

@Suite(.serialized)
struct ONNXWriterTests {
    private let fixtures = ONNXTools.root.appending(path: "Tests/Fixtures/networks")

    @Test(
        .enabled(if: ONNXTools.areAvailable, Comment(rawValue: ONNXTools.unavailable)), arguments: [false, true])
    func `gives PyTorch's results with every operation, folded or not`(folded: Bool) async throws {
        let golden = try Safetensors.read(fixtures.appending(path: "every-operation.safetensors"))
        var (graph, weights) = (everyOperation, golden.filter { everyOperation.parameterShapes[$0.key] != nil })
        if folded { (graph, weights) = try BatchNormalizationFolding.fold(graph, weights) }
        let model = try ONNXWriter.bytes(
            graph, weights, inputHeight: 10, inputWidth: 12, metadata: ["version": "1.2", "classes": "a,b,c,d"])
        let (facts, results) = try await ONNXTools.run(model: model, image: #require(golden["image"]))
        for name in ["logits", "embedding", "features"] {
            try expectClose(results[name], golden[name], tolerance: 1e-4, name)
        }
        #expect(facts.opset == 17)
        #expect(facts.operators.contains("BatchNormalization") == !folded)
        #expect(facts.outputs["logits"] == ["batch", 4])
        #expect(facts.outputs["embedding"] == ["batch", 16])
        #expect(facts.outputs["features"] == ["batch", 16, 3, 4])
        #expect(facts.metadata == ["version": "1.2", "classes": "a,b,c,d"])
    }

    @Test(
        .enabled(if: ONNXTools.areAvailable, Comment(rawValue: ONNXTools.unavailable)),
        .enabled(
            if: ONNXTools.exists("weights/efficientnet-lite2.safetensors"),
            "the ImageNet weights are not in .deps/weights"),
        arguments: [Architecture.efficientNetLite0, .efficientNetLite2])
    func `gives the ImageNet network's embedding and logits from the converted weights`(architecture: Architecture)
        async throws
    {
        let golden = try Safetensors.read(fixtures.appending(path: "\(architecture.rawValue).safetensors"))
        let file = try #require(architecture.pretrained)
        let weights = try Safetensors.read(ONNXTools.dependencies.appending(path: "weights").appending(path: file))
        let (graph, folded) = try BatchNormalizationFolding.fold(
            architecture.graph(classes: 1000), weights)
        let model = try ONNXWriter.bytes(graph, folded, inputHeight: 224, inputWidth: 224)
        let (facts, results) = try await ONNXTools.run(model: model, image: .testImage(side: 224))
        try expectClose(results["embedding"], golden["embedding"], tolerance: 1e-3, "embedding")
        try expectClose(results["logits"], golden["logits"], tolerance: 1e-3, "logits")
        #expect(facts.outputs["features"] == ["batch", 1280, 7, 7])
    }

    @Test(
        .enabled(if: ONNXTools.areAvailable, Comment(rawValue: ONNXTools.unavailable)),
        arguments: Architecture.allCases)
    func `writes every architecture so that the checker and OpenVINO take it`(architecture: Architecture) async throws {
        let graph = architecture.graph(classes: 4, inputHeight: 96, inputWidth: 128)
        let model = try ONNXWriter.bytes(graph, graph.initialWeights(seed: 3), inputHeight: 96, inputWidth: 128)
        let image = Tensor(shape: [3, 3, 96, 128], values: (0..<3 * 3 * 96 * 128).map { Float($0 % 17) / 17 })
        let results = try await ONNXTools.run(model: model, image: image).results
        #expect(results["logits"]?.shape == [3, 4])
        // The embedding is the spatial mean of the feature map: what class-activation maps rest on.
        let features = try #require(results["features"])
        let area = features.shape[2] * features.shape[3]
        let means = stride(from: 0, to: features.values.count, by: area).map {
            features.values[$0..<$0 + area].reduce(0, +) / Float(area)
        }
        try expectClose(
            results["embedding"], Tensor(shape: [3, features.shape[1]], values: means), tolerance: 1e-4, "embedding")
    }

    @Test func `equal networks give equal files, written whole`() throws {
        let graph = Architecture.smallCNN.graph(classes: 4)
        let weights = graph.initialWeights(seed: 3)
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).onnx")
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: url) } }
        try ONNXWriter.write(
            graph, weights, inputHeight: 224, inputWidth: 224, metadata: ["b": "2", "a": "1"], to: url)
        let bytes = try ONNXWriter.bytes(
            graph, weights, inputHeight: 224, inputWidth: 224, metadata: ["a": "1", "b": "2"])
        #expect(try Data(contentsOf: url) == Data(bytes))
        #expect(bytes.count < 1_000_000)
    }

    @Test func `refuses weights of other shapes, images too small and a folder that does not exist`() throws {
        let graph = everyOperation
        var weights = graph.initialWeights(seed: 3)
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString)/model.onnx")
        func code(height: Int = 10) throws -> NetworkError.Code {
            try #require(throws: NetworkError.self) {
                try ONNXWriter.write(graph, weights, inputHeight: height, inputWidth: 12, to: url)
            }.code
        }
        #expect(try code() == .unwritable)
        #expect(try code(height: 1) == .shapeMismatch)
        weights["classifier.bias"] = Tensor(shape: [5], repeating: 0)
        #expect(try code() == .weightShape)
    }

    @Test func `refuses names and outputs that would meet in the file`() throws {
        func code(middle: String, embedding: String = "pool") throws -> NetworkError.Code {
            let nodes = [
                Node(name: middle, operation: .sigmoid, inputs: ["image"], stage: 0),
                Node(name: "relu", operation: .relu, inputs: [middle], stage: 0),
                Node(name: "pool", operation: .globalAveragePool, inputs: ["relu"], stage: 0),
                Node(
                    name: "classifier", operation: .linear(inputFeatures: 3, outputFeatures: 2), inputs: ["pool"],
                    stage: 0),
            ]
            let graph = Graph(
                name: "test", input: "image", inputChannels: 3, nodes: nodes,
                outputs: .init(logits: "classifier", embedding: embedding, featureMap: "relu"))
            return try #require(throws: NetworkError.self) {
                try ONNXWriter.bytes(graph, graph.initialWeights(seed: 1), inputHeight: 4, inputWidth: 4)
            }.code
        }
        #expect(try code(middle: "features") == .invalidGraph)
        #expect(try code(middle: "sigmoid", embedding: "classifier") == .invalidGraph)
    }

    private func expectClose(_ actual: Tensor?, _ expected: Tensor?, tolerance: Float, _ name: String) throws {
        let (actual, expected) = (try #require(actual), try #require(expected))
        try #require(actual.shape == expected.shape)
        let difference = zip(actual.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
        #expect(difference <= tolerance, "\(name)")
    }
}
