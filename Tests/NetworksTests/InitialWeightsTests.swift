import Networks
import Tensors
import Testing

@Suite struct InitialWeightsTests {
    private let graph = Architecture.efficientNetLite0.graph(classes: 4)

    @Test func `are those of the graph, and equal for equal seeds only`() throws {
        let weights = graph.initialWeights(seed: 7)
        try graph.validate(weights)
        #expect(weights == graph.initialWeights(seed: 7))
        #expect(weights["stem.conv.weight"] != graph.initialWeights(seed: 8)["stem.conv.weight"])
        #expect(weights["blocks.1.project.weight"]?.values.first != weights["blocks.2.project.weight"]?.values.first)
    }

    @Test func `convolutions have a variance of 2 over fan-out, a group counted alone`() throws {
        let weights = graph.initialWeights(seed: 7)
        for (name, variance) in [("head.conv", 2.0 / 1280), ("blocks.15.depthwise", 2.0 / 9), ("classifier", 1e-4)] {
            let values = try #require(weights["\(name).weight"]).values.map(Double.init)
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(abs(mean) < 5 * (variance / Double(values.count)).squareRoot(), "\(name)")
            #expect(abs(square / variance - 1) < 5 * (2 / Double(values.count)).squareRoot(), "\(name)")
        }
    }

    @Test
    func `linear layers inside the network have a variance of 2 over fan-in, and the classifier's is smaller`() throws {
        let weights = Architecture.seResNet18.graph(classes: 4).initialWeights(seed: 7)
        for (name, variance) in [("conv5.0.excite1", 2.0 / 512), ("conv5.0.excite2", 2.0 / 32), ("classifier", 1e-4)] {
            let values = try #require(weights["\(name).weight"]).values.map(Double.init)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            #expect(abs(square / variance - 1) < 5 * (2 / Double(values.count)).squareRoot(), "\(name)")
            #expect(weights["\(name).bias"]?.values.allSatisfy { $0 == 0 } == true, "\(name)")
        }
    }

    @Test func `normalisations and the classifier's bias begin neutral`() {
        let weights = graph.initialWeights(seed: 7)
        let expected: [(String, Float)] = [
            ("stem.norm.weight", 1), ("stem.norm.bias", 0), ("stem.norm.running_mean", 0),
            ("stem.norm.running_var", 1), ("classifier.bias", 0),
        ]
        for (name, value) in expected {
            #expect(weights[name]?.values.isEmpty == false)
            #expect(weights[name]?.values.allSatisfy { $0 == value } == true, "\(name)")
        }
    }

    @Test func `pretrained weights replace all but the classifier`() throws {
        let pretrained = Architecture.efficientNetLite0.graph(classes: 1000).initialWeights(seed: 1)
        let weights = try graph.initialWeights(seed: 2, pretrained: pretrained)
        #expect(weights["head.conv.weight"] == pretrained["head.conv.weight"])
        #expect(weights["classifier.weight"] == graph.initialWeights(seed: 2)["classifier.weight"])
        #expect(weights["classifier.bias"]?.shape == [4])
    }

    @Test func `pretrained weights of another network are refused`() throws {
        let good = graph.initialWeights(seed: 1)
        func error(_ change: (inout [String: Tensor]) -> Void) throws -> NetworkError {
            var weights = good
            change(&weights)
            return try #require(throws: NetworkError.self) { try graph.initialWeights(seed: 2, pretrained: weights) }
        }
        let missing = try error { $0["stem.norm.bias"] = nil }
        #expect(missing.code == .missingWeight && missing.name == "stem.norm.bias")
        let wrong = try error { $0["stem.norm.bias"] = Tensor(shape: [31], repeating: 0) }
        #expect(wrong.code == .weightShape && wrong.expectedShape == [32] && wrong.actualShape == [31])
        let unknown = try error { $0["squeeze.weight"] = Tensor(shape: [1], repeating: 0) }
        #expect(unknown.code == .unexpectedWeight && unknown.name == "squeeze.weight")
    }
}
