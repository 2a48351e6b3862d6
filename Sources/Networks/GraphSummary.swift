/// A network in figures, for logs, model cards and JSON.
public struct GraphSummary: Codable, Sendable, Equatable {
    /// One operation.
    public struct Layer: Codable, Sendable, Equatable {
        public let name: String
        /// The operation's name, such as `convolution`.
        public let operation: String
        public let inputs: [String]
        public let stage: Int
        /// `[C, H, W]` or `[C]`.
        public let outputShape: [Int]
        /// Numbers in the layer's parameters, running statistics included.
        public let parameters: Int
        /// Multiply–accumulate operations an image; 0 for operations without a kernel.
        public let multiplyAccumulates: Int
    }

    public let name: String
    public let inputShape: [Int]
    /// Numbers that training changes.
    public let trainableParameters: Int
    /// Multiply–accumulate operations an image.
    public let multiplyAccumulates: Int
    public let layers: [Layer]
}

extension Graph {
    /// The network's layers with their shapes for images of a size.
    /// - Throws: `NetworkError` where the graph does not take such images.
    public func summary(inputHeight: Int, inputWidth: Int) throws -> GraphSummary {
        let shapes = try shapes(inputHeight: inputHeight, inputWidth: inputWidth)
        let layers = nodes.map { node in
            let shape = shapes[node.name] ?? []
            let sizes = node.parameterShapes.map { (name: $0.name, count: $0.shape.reduce(1, *)) }
            return GraphSummary.Layer(
                name: node.name, operation: node.operation.name, inputs: node.inputs, stage: node.stage,
                outputShape: shape, parameters: sizes.reduce(0) { $0 + $1.count },
                multiplyAccumulates: node.operation.multiplyAccumulates(outputShape: shape))
        }
        return GraphSummary(
            name: name, inputShape: [inputChannels, inputHeight, inputWidth],
            trainableParameters: trainableParameterCount,
            multiplyAccumulates: layers.reduce(0) { $0 + $1.multiplyAccumulates }, layers: layers)
    }
}

extension Operation {
    /// The operation's name, without its settings.
    public var name: String {
        switch self {
        case .convolution: "convolution"
        case .batchNormalization: "batch-normalization"
        case .relu: "relu"
        case .relu6: "relu6"
        case .sigmoid: "sigmoid"
        case .silu: "silu"
        case .maxPool: "max-pool"
        case .averagePool: "average-pool"
        case .globalAveragePool: "global-average-pool"
        case .add: "add"
        case .multiply: "multiply"
        case .concatenate: "concatenate"
        case .dropout: "dropout"
        case .linear: "linear"
        }
    }

    fileprivate func multiplyAccumulates(outputShape: [Int]) -> Int {
        switch self {
        case .convolution(let convolution):
            let kernel = convolution.kernelHeight * convolution.kernelWidth
            return outputShape.reduce(1, *) * kernel * convolution.inputChannels / convolution.groups
        case .linear(let inputFeatures, let outputFeatures):
            return inputFeatures * outputFeatures
        default:
            return 0
        }
    }
}
