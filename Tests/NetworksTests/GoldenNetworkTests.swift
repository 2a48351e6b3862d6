import Foundation
import Networks
import Tensors
import Testing

/// Networks without published weights, against PyTorch with the same weights, which are computed from their names.
@Suite(.serialized) struct GoldenNetworkTests {
    @Test(
        .enabled(if: ONNXTools.areAvailable, Comment(rawValue: ONNXTools.unavailable)),
        arguments: [Architecture.googLeNet, .seResNet18], [false, true])
    func `are PyTorch's network of the same table`(architecture: Architecture, folded: Bool) async throws {
        let file = "Tests/Fixtures/networks/\(architecture.rawValue).safetensors"
        let golden = try Safetensors.read(ONNXTools.root.appending(path: file))
        var graph = architecture.graph(classes: 4, inputHeight: 96, inputWidth: 96)
        var weights = graph.namedWeights
        #expect(golden["trainableParameters"]?.values == [Float(graph.trainableParameterCount)])
        if folded { (graph, weights) = try BatchNormalizationFolding.fold(graph, weights) }
        let model = try ONNXWriter.bytes(graph, weights, inputHeight: 96, inputWidth: 96)
        let (facts, results) = try await ONNXTools.run(model: model, image: .testImage(side: 96))
        #expect(facts.operators.contains("BatchNormalization") == !folded)
        for name in ["embedding", "logits"] {
            let (actual, expected) = (try #require(results[name]), try #require(golden[name]))
            try #require(actual.shape == expected.shape)
            let scale = max(1, expected.values.map(abs).max() ?? 1)
            for (actual, expected) in zip(actual.values, expected.values) {
                #expect(abs(actual - expected) < 1e-4 * scale, "\(name)")
            }
        }
    }
}
