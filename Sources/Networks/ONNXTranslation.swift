import Formats
import Tensors

/// The translation of a graph, node after node, into ONNX operators
/// (<https://onnx.ai/onnx/operators/>, operator set 17).
struct ONNXTranslation {
    private let name: String
    private let inputsAndOutputs: [ProtobufField]
    private var (nodes, initializers, valueInfos): ([ProtobufField], [ProtobufField], [ProtobufField]) = ([], [], [])
    private let weights: [String: Tensor]
    private let shapes: [String: [Int]]
    private let outputs: Set<String>
    /// What each result is called in the ONNX graph.
    private var valueNames: [String: String]
    /// Constants that have been added.
    private var constants: Set<String> = []

    /// - Throws: `NetworkError` where two outputs are one result, or a node has the name of an output or input.
    init(_ graph: Graph, weights: [String: Tensor], shapes: [String: [Int]]) throws {
        self.weights = weights
        self.shapes = shapes
        let outputs: [(node: String, name: String)] = [
            (graph.outputs.logits, "logits"), (graph.outputs.embedding, "embedding"),
            (graph.outputs.featureMap, "features"),
        ]
        var valueNames = [graph.input: "image"]
        for (node, name) in outputs {
            guard valueNames.updateValue(name, forKey: node) == nil else {
                throw NetworkError(.invalidGraph, "cannot leave the network twice", name: node)
            }
        }
        for node in graph.nodes where valueNames[node.name] == nil && valueNames.values.contains(node.name) {
            throw NetworkError(.invalidGraph, "has the name of another input or output", name: node.name)
        }
        self.valueNames = valueNames
        self.outputs = Set(outputs.map(\.name))
        name = graph.name
        inputsAndOutputs =
            [.message(11, .values("image", shape: shapes[graph.input] ?? []))]
            + outputs.map { .message(12, .values($0.name, shape: shapes[$0.node] ?? [])) }
    }

    /// What has been translated, as `GraphProto`: node, name, initializer, input, output, value_info.
    var graphProto: [ProtobufField] { nodes + [.text(2, name)] + initializers + inputsAndOutputs + valueInfos }

    /// Adds the node's parameters and operators.
    mutating func append(_ node: Node) {
        for (name, _) in node.parameterShapes {
            if let weight = weights[name] { initializers.append(.message(5, .tensor(name, weight))) }
        }
        let parameters = node.parameterShapes.map(\.name)
        switch node.operation {
        case .convolution(let convolution):
            add("Conv", node, more: parameters, attributes: Self.attributes(of: convolution))
        case .batchNormalization(_, let epsilon, _):
            add("BatchNormalization", node, more: parameters, attributes: [.float("epsilon", epsilon)])
        case .relu: add("Relu", node)
        case .relu6: add("Clip", node, more: [constant("zero", 0), constant("six", 6)])
        case .sigmoid: add("Sigmoid", node)
        case .silu:
            let sigmoid = add("Sigmoid", node, suffix: ".sigmoid")
            add("Mul", node, more: [sigmoid])
        case .maxPool(let kernelSize, let stride, let padding):
            add("MaxPool", node, attributes: Self.window(kernelSize, stride, padding))
        case .averagePool(let kernelSize, let stride, let padding):
            let attributes = Self.window(kernelSize, stride, padding) + [.integer("count_include_pad", 0)]
            add("AveragePool", node, attributes: attributes)
        case .globalAveragePool:
            let mean = add("GlobalAveragePool", node, suffix: ".mean")
            add("Flatten", node, inputs: [mean], attributes: [.integer("axis", 1)])
        case .add: add("Add", node)
        case .multiply: addMultiplication(node)
        case .concatenate: add("Concat", node, attributes: [.integer("axis", 1)])
        case .dropout:
            // Inference drops nothing; an output still needs an operator that gives it its name.
            if valueNames[node.name] == nil, let input = node.inputs.first {
                valueNames[node.name] = valueName(input)
            } else {
                add("Identity", node)
            }
        case .linear:
            add("Gemm", node, more: parameters, attributes: [.integer("transB", 1)])
        }
    }

    /// Adds an operator and returns the name of its result, which is the node's unless there is a suffix.
    @discardableResult
    private mutating func add(
        _ operatorType: String, _ node: Node, suffix: String? = nil, inputs: [String]? = nil, more: [String] = [],
        attributes: [[ProtobufField]] = []
    ) -> String {
        let output = suffix.map { node.name + $0 } ?? valueName(node.name)
        // NodeProto: input, output, name, op_type, attribute.
        let inputs = ((inputs ?? node.inputs.map(valueName)) + more).map { ProtobufField.text(1, $0) }
        let head: [ProtobufField] = [.text(2, output), .text(3, node.name + (suffix ?? "")), .text(4, operatorType)]
        nodes.append(.message(1, inputs + head + attributes.map { .message(5, $0) }))
        if suffix == nil, !outputs.contains(output), let shape = shapes[node.name] {
            valueInfos.append(.message(13, .values(output, shape: shape)))
        }
        return output
    }

    /// A gate `[N, C]` gets two axes of length one, as ONNX aligns shapes at their last axes.
    private mutating func addMultiplication(_ node: Node) {
        var inputs = node.inputs.map(valueName)
        if shapes[node.inputs[0]]?.count == 3, shapes[node.inputs[1]]?.count == 1 {
            let axes = integerConstant("spatial_axes", [2, 3])
            inputs[1] = add("Unsqueeze", node, suffix: ".gate", inputs: [inputs[1], axes])
        }
        add("Mul", node, inputs: inputs)
    }

    private func valueName(_ result: String) -> String { valueNames[result] ?? result }

    private mutating func constant(_ name: String, _ value: Float) -> String {
        let name = "constant.\(name)"
        if constants.insert(name).inserted {
            initializers.append(.message(5, .tensor(name, Tensor(shape: [], repeating: value))))
        }
        return name
    }

    private mutating func integerConstant(_ name: String, _ values: [Int64]) -> String {
        let name = "constant.\(name)"
        if constants.insert(name).inserted { initializers.append(.message(5, .tensor(name, values))) }
        return name
    }

    private static func attributes(of convolution: Convolution) -> [[ProtobufField]] {
        let (stride, padding) = (convolution.stride, convolution.padding)
        return [
            .integers("kernel_shape", [convolution.kernelHeight, convolution.kernelWidth]),
            .integers("strides", [stride, stride]),
            .integers("pads", [padding.top, padding.left, padding.bottom, padding.right]),
            .integer("group", convolution.groups),
        ]
    }

    private static func window(_ kernelSize: Int, _ stride: Int, _ padding: Int) -> [[ProtobufField]] {
        [
            .integers("kernel_shape", [kernelSize, kernelSize]), .integers("strides", [stride, stride]),
            .integers("pads", Array(repeating: padding, count: 4)),
        ]
    }
}
