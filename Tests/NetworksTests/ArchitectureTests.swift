import Networks
import Testing

@Suite("Architectures")
struct ArchitectureTests {
    @Test(
        "have the published number of parameters with 1,000 classes",
        arguments: [
            (Architecture.mobileNetV2, 3_504_872),  // torchvision's mobilenet_v2
            (.efficientNetLite0, 4_652_008),  // the ImageNet weights, statistics not counted
        ])
    func parameterCounts(architecture: Architecture, count: Int) {
        #expect(architecture.graph(classes: 1000).trainableParameterCount == count)
    }

    @Test(
        "need the published multiply-accumulates at 224 pixels, within 6 %",
        arguments: [
            (Architecture.mobileNetV2, 300e6),  // Sandler et al. 2018, Table 4
            (.efficientNetLite0, 407e6),  // README of EfficientNet-Lite, which counts more than the kernels
        ])
    func multiplyAccumulates(architecture: Architecture, published: Double) throws {
        let summary = try architecture.graph(classes: 1000).summary(inputHeight: 224, inputWidth: 224)
        #expect(abs(Double(summary.multiplyAccumulates) / published - 1) < 0.06, "\(summary.multiplyAccumulates)")
    }

    @Test("the small network stays small")
    func smallCNN() {
        let graph = Architecture.smallCNN.graph(classes: 4)
        let bytes = 4 * graph.parameterShapes.values.reduce(0) { $0 + $1.reduce(1, *) }
        #expect(bytes < 500_000)
    }

    @Test("read only earlier results, and give logits, embedding and feature map", arguments: Architecture.allCases)
    func shapes(architecture: Architecture) throws {
        let graph = architecture.graph(classes: 4)
        var known: Set = [graph.input]
        for node in graph.nodes {
            #expect(known.isSuperset(of: node.inputs), "\(node.name)")
            #expect(known.insert(node.name).inserted, "\(node.name) twice")
        }
        let shapes = try graph.shapes(inputHeight: 224, inputWidth: 224)
        let featureMap = try #require(shapes[graph.outputs.featureMap])
        let (embedding, side) = architecture == .smallCNN ? (128, 14) : (1280, 7)
        #expect(featureMap == [embedding, side, side])
        #expect(shapes[graph.outputs.embedding] == [embedding])
        #expect(shapes[graph.outputs.logits] == [4])
        #expect(graph.parameterShapes["classifier.weight"] == [4, embedding])
    }

    @Test("stages count up from the stem to the classifier", arguments: Architecture.allCases)
    func stages(architecture: Architecture) {
        let graph = architecture.graph(classes: 4)
        let stages = graph.nodes.map(\.stage)
        #expect(stages == stages.sorted())
        #expect(Set(stages) == Set(0..<graph.stageCount))
        #expect(graph.stageCount == (architecture == .smallCNN ? 7 : 10))
        #expect(graph.nodes.last?.name == "classifier" && graph.nodes.last?.stage == graph.stageCount - 1)
        #expect(graph.nodes.filter { $0.name.hasPrefix("stem") }.allSatisfy { $0.stage == 0 })
    }

    @Test("EfficientNet-Lite0 pads like TensorFlow's SAME for its input size")
    func padding() {
        func padding(_ name: String, side: Int) -> Convolution.Padding? {
            let graph = Architecture.efficientNetLite0.graph(classes: 4, inputHeight: side, inputWidth: side)
            guard case .convolution(let convolution) = graph.nodes.first(where: { $0.name == name })?.operation else {
                return nil
            }
            return convolution.padding
        }
        // 224 pixels, kernel 3, stride 2: 112 windows need 225; kernel 5 at 56 pixels: 28 windows need 59.
        #expect(padding("stem.conv", side: 224) == .init(top: 0, left: 0, bottom: 1, right: 1))
        #expect(padding("blocks.3.depthwise", side: 224) == .init(top: 1, left: 1, bottom: 2, right: 2))
        #expect(padding("stem.conv", side: 225) == .init(all: 1))
        #expect(padding("blocks.0.depthwise", side: 224) == .init(all: 1))
        #expect(padding("head.conv", side: 224) == .init(all: 0))
    }

    @Test("images of other sizes fit, also odd and oblong ones", arguments: Architecture.allCases, [97, 160])
    func sizes(architecture: Architecture, height: Int) throws {
        let graph = architecture.graph(classes: 4, inputHeight: height, inputWidth: 131)
        let features = try #require(try graph.shapes(inputHeight: height, inputWidth: 131)[graph.outputs.featureMap])
        let reduction = architecture == .smallCNN ? 16 : 32
        #expect(features.dropFirst() == [(height + reduction - 1) / reduction, (131 + reduction - 1) / reduction])
    }

    @Test("a graph that does not fit together is refused")
    func invalidGraphs() throws {
        func code(_ nodes: [Node], logits: String = "a") throws -> NetworkError.Code {
            let graph = Graph(
                name: "test", input: "image", inputChannels: 3, nodes: nodes,
                outputs: .init(logits: logits, embedding: "a", featureMap: "a"))
            return try #require(throws: NetworkError.self) { try graph.shapes(inputHeight: 8, inputWidth: 8) }.code
        }
        let relu = Node(name: "a", operation: .relu, inputs: ["image"], stage: 0)
        func reading(_ inputs: [String], _ operation: Networks.Operation) -> [Node] {
            [relu, Node(name: "b", operation: operation, inputs: inputs, stage: 0)]
        }
        let wide = Convolution(inputChannels: 4, outputChannels: 4, kernelSize: 1, padding: .init(all: 0))
        #expect(try code([relu], logits: "missing") == .invalidGraph)
        #expect(try code([relu, relu]) == .invalidGraph)
        #expect(try code(reading(["later"], .relu)) == .invalidGraph)
        #expect(try code(reading(["a"], .convolution(wide))) == .shapeMismatch)
        #expect(try code(reading(["a"], .add)) == .shapeMismatch)
        let pool = Node(name: "c", operation: .globalAveragePool, inputs: ["a"], stage: 0)
        let gateFirst = Node(name: "d", operation: .multiply, inputs: ["c", "a"], stage: 0)
        #expect(try code([relu, pool, gateFirst]) == .shapeMismatch)
        #expect(try code(reading(["a"], .linear(inputFeatures: 3, outputFeatures: 1))) == .shapeMismatch)
        #expect(try code(reading(["a"], .maxPool(kernelSize: 9, stride: 1, padding: 0))) == .shapeMismatch)
        #expect(
            try code(reading(["a"], .batchNormalization(channels: 4, epsilon: 1, momentum: 1))) == .shapeMismatch)
    }
}
