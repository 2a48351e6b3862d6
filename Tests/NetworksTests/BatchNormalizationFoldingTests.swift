import Networks
import Tensors
import Testing

@Suite struct BatchNormalizationFoldingTests {
    /// image → conv (1×1, one channel, with bias) → norm → relu → pool → classifier.
    private func graph(featureMap: String = "relu", reluReads: [String] = ["norm"], relu: Networks.Operation = .relu)
        -> Graph
    {
        let convolution = Convolution(
            inputChannels: 1, outputChannels: 1, kernelSize: 1, bias: true, padding: .init(all: 0))
        return Graph(
            name: "test", input: "image", inputChannels: 1,
            nodes: [
                Node(name: "conv", operation: .convolution(convolution), inputs: ["image"], stage: 0),
                Node(
                    name: "norm", operation: .batchNormalization(channels: 1, epsilon: 1, momentum: 0.1),
                    inputs: ["conv"], stage: 0),
                Node(name: "relu", operation: relu, inputs: reluReads, stage: 0),
                Node(name: "pool", operation: .globalAveragePool, inputs: ["relu"], stage: 1),
                Node(
                    name: "classifier", operation: .linear(inputFeatures: 1, outputFeatures: 2), inputs: ["pool"],
                    stage: 1),
            ], outputs: .init(logits: "classifier", embedding: "pool", featureMap: featureMap))
    }

    private let weights = [
        "conv.weight": Tensor(shape: [1, 1, 1, 1], values: [2]), "conv.bias": Tensor(shape: [1], values: [0.5]),
        "norm.weight": Tensor(shape: [1], values: [6]), "norm.bias": Tensor(shape: [1], values: [1]),
        "norm.running_mean": Tensor(shape: [1], values: [4]), "norm.running_var": Tensor(shape: [1], values: [8]),
        "classifier.weight": Tensor(shape: [2, 1], values: [1, 2]), "classifier.bias": Tensor(shape: [2], repeating: 0),
    ]

    @Test func `gives the convolution computed by hand`() throws {
        let (folded, weights) = try BatchNormalizationFolding.fold(graph(), weights)
        // The factor is 6 / √(8 + 1) = 2; the bias 1 + (0.5 − 4) · 2 = −6.
        #expect(weights["conv.weight"]?.values == [4])
        #expect(weights["conv.bias"]?.values == [-6])
        #expect(folded.nodes.map(\.name) == ["conv", "relu", "pool", "classifier"])
        #expect(folded.nodes[1].inputs == ["conv"])
        try folded.validate(weights)
    }

    @Test func `renames an output that was the normalisation`() throws {
        let (folded, _) = try BatchNormalizationFolding.fold(graph(featureMap: "norm"), weights)
        #expect(folded.outputs.featureMap == "conv")
        #expect(try folded.shapes(inputHeight: 2, inputWidth: 2)["conv"] == [1, 2, 2])
    }

    @Test func `leaves a convolution whose raw result is needed elsewhere`() throws {
        for shared in [graph(featureMap: "conv"), graph(reluReads: ["norm", "conv"], relu: .add)] {
            let (folded, unchanged) = try BatchNormalizationFolding.fold(shared, weights)
            #expect(folded == shared)
            #expect(unchanged == weights)
        }
    }

    @Test(arguments: Architecture.allCases)
    func `leaves no normalisation in any architecture`(architecture: Architecture) throws {
        let graph = architecture.graph(classes: 4)
        let (folded, weights) = try BatchNormalizationFolding.fold(graph, graph.initialWeights(seed: 1))
        #expect(!folded.nodes.contains { $0.operation.name == "batch-normalization" })
        try folded.validate(weights)
        let shapes = try folded.shapes(inputHeight: 224, inputWidth: 224)
        #expect(shapes[folded.outputs.logits] == [4])
    }

    @Test func `refuses a negative variance and missing weights`() throws {
        var negative = weights
        negative["norm.running_var"] = Tensor(shape: [1], values: [-2])
        let error = try #require(throws: NetworkError.self) { try BatchNormalizationFolding.fold(graph(), negative) }
        #expect(error.code == .invalidWeight && error.name == "norm.running_var")
        var missing = weights
        missing["conv.bias"] = nil
        let other = try #require(throws: NetworkError.self) { try BatchNormalizationFolding.fold(graph(), missing) }
        #expect(other.code == .missingWeight && other.name == "conv.bias")
    }
}
