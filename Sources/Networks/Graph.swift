/// A convolutional network as a value: an ordered list of operations, each reading the results of earlier ones.
///
/// The same list is handed to libtorch for training and written as ONNX for inference.
/// Images enter as `[N, C, H, W]`, RGB, normalised as the model package declares.
public struct Graph: Sendable, Equatable {
    /// The architecture's name, as on the command line: `efficientnet-lite0`.
    public let name: String
    /// The name under which the image enters.
    public let input: String
    /// Channels of the input image.
    public let inputChannels: Int
    /// Operations in an order in which every input precedes its use.
    public let nodes: [Node]
    /// The nodes that leave the network.
    public let outputs: Outputs

    public init(name: String, input: String, inputChannels: Int, nodes: [Node], outputs: Outputs) {
        (self.name, self.input, self.inputChannels) = (name, input, inputChannels)
        (self.nodes, self.outputs) = (nodes, outputs)
    }

    /// The names of the nodes that leave the network.
    public struct Outputs: Sendable, Equatable {
        /// `[N, classes]`, before softmax.
        public let logits: String
        /// `[N, E]`, what the classifier reads.
        public let embedding: String
        /// `[N, E, h, w]`, whose spatial mean is the embedding.
        public let featureMap: String

        public init(logits: String, embedding: String, featureMap: String) {
            (self.logits, self.embedding, self.featureMap) = (logits, embedding, featureMap)
        }
    }
}

/// One operation of a `Graph`. Its parameters, where it has any, are the weights `<name>.weight`, `<name>.bias`,
/// `<name>.running_mean` and `<name>.running_var`.
public struct Node: Sendable, Equatable {
    /// Unique in the graph; also names the result.
    public let name: String
    public let operation: Operation
    /// The results read, in the operation's order.
    public let inputs: [String]
    /// The part of the network that the node belongs to, 0 for the stem, counting up to the classifier;
    /// freezing works by stage.
    public let stage: Int

    public init(name: String, operation: Operation, inputs: [String], stage: Int) {
        (self.name, self.operation, self.inputs, self.stage) = (name, operation, inputs, stage)
    }
}

/// What a node computes.
public enum Operation: Sendable, Equatable {
    /// Weight `[outputChannels, inputChannels / groups, kernelHeight, kernelWidth]`, and bias `[outputChannels]` if `bias`.
    case convolution(Convolution)
    /// Weight, bias, running mean and running variance, each `[channels]`.
    case batchNormalization(channels: Int, epsilon: Float, momentum: Float)
    case relu
    case relu6
    case sigmoid
    case silu
    /// Square window; padding counts on each side.
    case maxPool(kernelSize: Int, stride: Int, padding: Int)
    case averagePool(kernelSize: Int, stride: Int, padding: Int)
    /// `[N, C, H, W]` to `[N, C]`.
    case globalAveragePool
    /// The sum of two results of one shape.
    case add
    /// The product of two results; `[N, C]` is spread over `[N, C, H, W]`.
    case multiply
    /// Joins along the channel axis.
    case concatenate
    /// Active in training only.
    case dropout(rate: Float)
    /// Weight `[outputFeatures, inputFeatures]`, bias `[outputFeatures]`.
    case linear(inputFeatures: Int, outputFeatures: Int)
}

/// A two-dimensional convolution, as in PyTorch's `Conv2d` with explicit padding on each edge.
public struct Convolution: Sendable, Equatable {
    public let inputChannels: Int
    public let outputChannels: Int
    public let kernelHeight: Int
    public let kernelWidth: Int
    public let stride: Int
    public let groups: Int
    public let bias: Bool
    public let padding: Padding

    /// - Parameters:
    ///   - kernelSize: The kernel's height, and its width unless that is given.
    ///   - kernelWidth: For kernels that are no squares.
    public init(
        inputChannels: Int, outputChannels: Int, kernelSize: Int, kernelWidth: Int? = nil, stride: Int = 1,
        groups: Int = 1, bias: Bool = false, padding: Padding
    ) {
        (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
        (kernelHeight, self.kernelWidth) = (kernelSize, kernelWidth ?? kernelSize)
        (self.stride, self.groups, self.bias) = (stride, groups, bias)
        self.padding = padding
    }

    /// Zeros added before a convolution, in pixels.
    public struct Padding: Sendable, Equatable {
        public let top: Int
        public let left: Int
        public let bottom: Int
        public let right: Int

        public init(top: Int, left: Int, bottom: Int, right: Int) {
            (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
        }

        /// The same on every side.
        public init(all: Int) { self.init(top: all, left: all, bottom: all, right: all) }
    }
}

extension Graph {
    /// A result inside the network that an explanation shows.
    public struct ShownStage: Sendable, Equatable {
        /// `early`, `middle` or `last`.
        public let name: String
        /// The node; in an ONNX file the result has this name, or `features` for the last one.
        public let node: String
        public let channels: Int
        public let height: Int
        public let width: Int
    }

    /// Up to three results to show: the deepest at a quarter of the input's side or more, the deepest at twice the side
    /// of the last feature map or more, and the last feature map.
    ///
    /// Taken are ends of stages after an addition, product, concatenation or activation, which folding of batch normalisation leaves
    /// alone.
    /// - Throws: `NetworkError` for a graph whose parts do not fit.
    public func shownStages(inputHeight: Int, inputWidth: Int) throws -> [ShownStage] {
        let shapes = try shapes(inputHeight: inputHeight, inputWidth: inputWidth)
        func shown(_ name: String, _ node: String) -> ShownStage? {
            guard let shape = shapes[node], shape.count == 3 else { return nil }
            return ShownStage(name: name, node: node, channels: shape[0], height: shape[1], width: shape[2])
        }
        guard let last = shown("last", outputs.featureMap) else { return [] }
        let ends = Dictionary(grouping: nodes, by: \.stage).sorted { $0.key < $1.key }.compactMap(\.value.last)
        let candidates = ends.filter(\.isUntouchedByFolding).compactMap { shown("", $0.name) }
            .filter { $0.node != last.node }
        let early = candidates.last { $0.height * 4 >= inputHeight && $0.width * 4 >= inputWidth }
        let middle = candidates.last { $0.height >= 2 * last.height && $0.width >= 2 * last.width }
        var found = [early.flatMap { shown("early", $0.node) }].compactMap(\.self)
        if let middle, middle.node != early?.node { found += [shown("middle", middle.node)].compactMap(\.self) }
        return found + [last]
    }
}

extension Node {
    fileprivate var isUntouchedByFolding: Bool {
        switch operation {
        case .add, .multiply, .concatenate, .relu, .relu6, .sigmoid, .silu: true
        default: false
        }
    }
}
