import Foundation
import Networks
import Testing

@Suite struct ArchitectureTests {
    @Test(
        arguments: [
            (Architecture.mobileNetV2, 3_504_872),  // torchvision's mobilenet_v2
            (.efficientNetLite0, 4_652_008),  // the ImageNet weights, statistics not counted
            (.efficientNetLite2, 6_092_072),  // likewise
            // The Caffe model of Table 1, 6,998,552, has 7,280 biases where normalisations have twice as many.
            (.googLeNet, 7_005_832),
            // torchvision's resnet18, 11,689,512, and 2 C² / 16 + C / 16 + C in each gate, two of each width C.
            (.seResNet18, 11_778_592),
            (.mobileNet, 4_231_976),  // Keras' MobileNet at width 1.0, statistics not counted
            (.inceptionV3, 23_834_568),  // torchvision's inception_v3 without its auxiliary classifier
        ])
    func `have the published number of parameters with 1,000 classes`(architecture: Architecture, count: Int) {
        #expect(architecture.graph(classes: 1000).trainableParameterCount == count)
    }

    @Test(
        arguments: [
            (Architecture.mobileNetV2, 224, 300e6),  // Sandler et al. 2018, Table 4
            (.efficientNetLite0, 224, 407e6),  // README of EfficientNet-Lite, which counts more than the kernels
            (.efficientNetLite2, 260, 869e6),  // likewise
            // Szegedy et al. 2015, Table 1: 1502M with 34M for the first row, whose 7 × 7 kernels need 118M.
            (.googLeNet, 224, 1586e6),
            (.seResNet18, 224, 1.8e9),  // He et al. 2016, Table 1
            (.mobileNet, 224, 569e6),  // Howard et al. 2017, Table 4
            (.inceptionV3, 299, 5.72e9),  // torchvision's table of models
        ])
    func `need the published multiply-accumulates, within 6 %`(architecture: Architecture, side: Int, published: Double)
        throws
    {
        let graph = architecture.graph(classes: 1000, inputHeight: side, inputWidth: side)
        let summary = try graph.summary(inputHeight: side, inputWidth: side)
        #expect(abs(Double(summary.multiplyAccumulates) / published - 1) < 0.06, "\(summary.multiplyAccumulates)")
    }

    @Test(
        arguments: [  // Szegedy et al. 2015, Table 1, column "ops", in millions
            "reduce2": 360, "inception3a": 128, "inception3b": 304, "inception4a": 73, "inception4b": 88,
            "inception4c": 100, "inception4d": 119, "inception4e": 170, "inception5a": 54, "inception5b": 71,
        ] as [String: Double])
    func `GoogLeNet's rows need the published operations, within 6 %`(_ published: (row: String, millions: Double))
        throws
    {
        let row = published.row
        let layers = try Architecture.googLeNet.graph(classes: 1000).summary(inputHeight: 224, inputWidth: 224).layers
        let names = row == "reduce2" ? ["reduce2.", "convolution2."] : ["\(row)."]
        let operations = layers.filter { layer in names.contains { layer.name.hasPrefix($0) } }
            .reduce(0) { $0 + $1.multiplyAccumulates }
        #expect(abs(Double(operations) / 1e6 / published.millions - 1) < 0.06, "\(operations)")
    }

    @Test
    func `the residual network projects where the shape changes, and gates every block by its own residual`() throws {
        let graph = Architecture.seResNet18.graph(classes: 4)
        let nodes = Dictionary(graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let projected = graph.nodes.map(\.name).filter { $0.hasSuffix(".projection.conv") }
        #expect(projected == ["conv3.0", "conv4.0", "conv5.0"].map { "\($0).projection.conv" })
        #expect(nodes["conv2.0.add"]?.inputs == ["pool1", "conv2.0.scale"])
        #expect(nodes["conv3.0.add"]?.inputs == ["conv3.0.projection.norm", "conv3.0.scale"])
        #expect(nodes["conv3.1.add"]?.inputs == ["conv3.0.activation", "conv3.1.scale"])
        #expect(nodes["conv5.0.excite1"]?.operation == .linear(inputFeatures: 512, outputFeatures: 32))
        #expect(nodes["conv5.0.scale"]?.inputs == ["conv5.0.2.norm", "conv5.0.gate"])
        #expect(graph.nodes.filter { $0.operation == .multiply }.count == 8)
    }

    @Test func `Inception V3 has flat and high kernels, and joins both where its figure does`() throws {
        let graph = Architecture.inceptionV3.graph(classes: 4, inputHeight: 299, inputWidth: 299)
        let shapes = try graph.shapes(inputHeight: 299, inputWidth: 299)
        #expect(graph.parameterShapes["inception6b.2.2.conv.weight"] == [128, 128, 1, 7])
        #expect(graph.parameterShapes["inception6b.2.3.conv.weight"] == [192, 128, 7, 1])
        // Szegedy et al. 2016, Table 1: 35 × 35 × 288, 17 × 17 × 768, 8 × 8 × 2048.
        #expect(shapes["inception5d.output"] == [288, 35, 35])
        #expect(shapes["inception6e.output"] == [768, 17, 17])
        #expect(shapes["inception7c.output"] == [2048, 8, 8])
        let joined = graph.nodes.first { $0.name == "inception7b.3.3.output" }
        #expect(joined?.inputs == ["inception7b.3.3.flat.activation", "inception7b.3.3.high.activation"])
    }

    @Test func `the cascade hands every stage what all before it gave`() throws {
        let graph = Architecture.sparseCascade.graph(classes: 4)
        let shapes = try graph.shapes(inputHeight: 224, inputWidth: 224)
        #expect((1...4).map { shapes["cascade\($0).output"]?.first } == [96, 192, 320, 480])
        #expect(graph.parameterShapes["cascade1.sparse1.conv.weight"] == [64, 8, 3, 3])
    }

    @Test(arguments: ["docs/training.md", "docs/architecture.md"])
    func `all stand in the documents`(path: String) throws {
        let text = try String(contentsOf: ONNXTools.root.appending(path: path), encoding: .utf8)
        for architecture in Architecture.allCases {
            #expect(text.contains("`\(architecture.rawValue)`"), "\(architecture.rawValue)")
        }
    }

    @Test func `the small network stays small`() {
        let graph = Architecture.smallCNN.graph(classes: 4)
        let bytes = 4 * graph.parameterShapes.values.reduce(0) { $0 + $1.reduce(1, *) }
        #expect(bytes < 500_000)
    }

    @Test(arguments: Architecture.allCases)
    func `read only earlier results, and give logits, embedding and feature map`(architecture: Architecture) throws {
        let graph = architecture.graph(classes: 4)
        var known: Set = [graph.input]
        for node in graph.nodes {
            #expect(known.isSuperset(of: node.inputs), "\(node.name)")
            #expect(known.insert(node.name).inserted, "\(node.name) twice")
        }
        let shapes = try graph.shapes(inputHeight: 224, inputWidth: 224)
        let featureMap = try #require(shapes[graph.outputs.featureMap])
        let (embedding, side) =
            switch architecture {
            case .smallCNN: (128, 14)
            case .mobileNetV2, .efficientNetLite0, .efficientNetLite2: (1280, 7)
            case .googLeNet: (1024, 7)
            case .seResNet18: (512, 7)
            case .mobileNet: (1024, 7)
            case .inceptionV3: (2048, 5)
            case .sparseCascade: (480, 7)
            case .attentionCNN: (256, 7)
            case .plainCNN: (128, 14)
            }
        #expect(featureMap == [embedding, side, side])
        #expect(shapes[graph.outputs.embedding] == [embedding])
        #expect(shapes[graph.outputs.logits] == [4])
        #expect(graph.parameterShapes["classifier.weight"] == [4, embedding])
    }

    @Test(arguments: Architecture.allCases)
    func `stages count up from the stem to the classifier`(architecture: Architecture) {
        let graph = architecture.graph(classes: 4)
        let stages = graph.nodes.map(\.stage)
        #expect(stages == stages.sorted())
        #expect(Set(stages) == Set(0..<graph.stageCount))
        let count =
            switch architecture {
            case .smallCNN: 7
            case .mobileNetV2, .efficientNetLite0, .efficientNetLite2: 10
            case .googLeNet: 13
            case .seResNet18, .sparseCascade, .attentionCNN: 6
            case .mobileNet: 15
            case .inceptionV3: 14
            case .plainCNN: 5
            }
        #expect(graph.stageCount == count)
        #expect(graph.nodes.last?.name == "classifier" && graph.nodes.last?.stage == graph.stageCount - 1)
        #expect(graph.nodes.filter { $0.name.hasPrefix("stem") }.allSatisfy { $0.stage == 0 })
    }

    @Test func `EfficientNet-Lite0 pads like TensorFlow's SAME for its input size`() {
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

    @Test(arguments: Architecture.allCases, [97, 160])
    func `images of other sizes fit, also odd and oblong ones`(architecture: Architecture, height: Int) throws {
        let graph = architecture.graph(classes: 4, inputHeight: height, inputWidth: 131)
        let features = try #require(try graph.shapes(inputHeight: height, inputWidth: 131)[graph.outputs.featureMap])
        guard architecture != .inceptionV3 else {  // which leaves borders away
            return #expect(features.dropFirst().allSatisfy { $0 > 0 })
        }
        let reduction = architecture == .smallCNN || architecture == .plainCNN ? 16 : 32
        #expect(features.dropFirst() == [(height + reduction - 1) / reduction, (131 + reduction - 1) / reduction])
    }

    @Test func `a graph that does not fit together is refused`() throws {
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
