/// Builds a `Graph` from the input to the classifier, a line of the paper's table a call.
///
/// The calls, one a block or a row, are in `GraphBuilder+Blocks.swift`. Each continues from the result of the last one and
/// is a stage of its own, the first stage 0; a pool between them belongs to the stage after it.
struct GraphBuilder {
    /// How batch normalisation is set throughout.
    struct Normalization {
        /// Added to the variance.
        var epsilon: Float = 1e-5
        /// The share of the newest batch in the running statistics.
        var momentum: Float = 0.1
    }

    /// How many zeros surround a convolution's input.
    enum PaddingRule {
        /// Half the kernel on every side.
        case symmetric
        /// As little as gives ⌈size / stride⌉ results, the odd zero below and to the right, as in TensorFlow's `SAME`.
        case tensorFlowSame
    }

    /// A result inside the network.
    struct FeatureMap {
        /// The node that gives it.
        var name: String
        var channels: Int
        var size: ImageSize
    }

    private let name: String
    private let inputChannels: Int
    private let activation: Operation
    private let normalization: Normalization
    private let padding: PaddingRule
    private var nodes: [Node] = []
    private var stage = 0
    /// Blocks that have been numbered.
    var blockCount = 0
    /// What the next call continues from.
    var current: FeatureMap

    init(
        name: String, inputSize: ImageSize, activation: Operation, normalization: Normalization = Normalization(),
        padding: PaddingRule = .symmetric, inputChannels: Int = 3
    ) {
        self.name = name
        self.inputChannels = inputChannels
        self.current = FeatureMap(name: "image", channels: inputChannels, size: inputSize)
        (self.activation, self.normalization, self.padding) = (activation, normalization, padding)
    }

    /// Begins another stage.
    mutating func endStage() { stage += 1 }

    /// Ends the network: the mean over the feature map, dropout, a linear layer.
    consuming func classify(classes: Int, dropoutRate: Float) -> Graph {
        let featureMap = current.name
        append("pool", .globalAveragePool)
        append("dropout", .dropout(rate: dropoutRate))
        append("classifier", .linear(inputFeatures: current.channels, outputFeatures: classes))
        return Graph(
            name: name, input: "image", inputChannels: inputChannels, nodes: nodes,
            outputs: .init(logits: "classifier", embedding: "pool", featureMap: featureMap))
    }

    /// Ends the network with a heat map: a value for each place of the feature map, before the sigmoid.
    consuming func heatMap() -> Graph {
        let featureMap = current
        append("pool", .globalAveragePool)
        current = featureMap
        let convolution = Convolution(
            inputChannels: current.channels, outputChannels: 1, kernelSize: 1, bias: true, padding: .init(all: 0))
        append("heat", .convolution(convolution))
        return Graph(
            name: name, input: "image", inputChannels: inputChannels, nodes: nodes,
            outputs: .init(logits: "heat", embedding: "pool", featureMap: featureMap.name))
    }

    /// A convolution without bias, padded as the builder's rule says unless zeros are given.
    mutating func convolve(
        _ name: String, kernelSize: Int, kernelWidth: Int? = nil, stride: Int, outputChannels: Int, groups: Int = 1,
        padding: Convolution.Padding? = nil
    ) {
        let convolution = Convolution(
            inputChannels: current.channels, outputChannels: outputChannels, kernelSize: kernelSize,
            kernelWidth: kernelWidth, stride: stride, groups: groups,
            padding: padding ?? zeros(kernelSize: kernelSize, stride: stride))
        append(name, .convolution(convolution))
        current.channels = outputChannels
        current.size = convolution.outputSize(of: current.size)
    }

    /// Batch normalisation.
    mutating func normalize(_ name: String) {
        append(
            name,
            .batchNormalization(
                channels: current.channels, epsilon: normalization.epsilon, momentum: normalization.momentum))
    }

    /// The network's activation.
    mutating func activate(_ name: String) { append(name, activation) }

    /// The maximum over square windows, half the kernel of border on every side unless another is given.
    mutating func maxPool(_ name: String, kernelSize: Int, stride: Int, padding: Int? = nil) {
        let padding = padding ?? kernelSize / 2
        append(name, .maxPool(kernelSize: kernelSize, stride: stride, padding: padding))
        current.size = current.size.windows(kernelSize: kernelSize, stride: stride, padding: .init(all: padding))
    }

    /// The mean over square windows at every place, half the kernel of border on every side.
    mutating func averagePool(_ name: String, kernelSize: Int) {
        append(name, .averagePool(kernelSize: kernelSize, stride: 1, padding: kernelSize / 2))
    }

    /// Adds a node, which reads the present result unless inputs are named, and continues from it.
    mutating func append(_ name: String, _ operation: Operation, inputs: [String]? = nil) {
        nodes.append(Node(name: name, operation: operation, inputs: inputs ?? [current.name], stage: stage))
        current.name = name
    }

    private func zeros(kernelSize: Int, stride: Int) -> Convolution.Padding {
        guard padding == .tensorFlowSame else { return .init(all: kernelSize / 2) }
        func total(_ length: Int) -> Int { max(0, (length - 1) / stride * stride + kernelSize - length) }
        let (vertical, horizontal) = (total(current.size.height), total(current.size.width))
        return .init(
            top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
            right: horizontal - horizontal / 2)
    }
}

extension Convolution {
    /// The size of the result for an input of a size; 0 where the kernel does not fit.
    func outputSize(of input: ImageSize) -> ImageSize {
        let down = input.windows(kernelSize: kernelHeight, stride: stride, padding: padding)
        let across = input.windows(kernelSize: kernelWidth, stride: stride, padding: padding)
        return ImageSize(height: down.height, width: across.width)
    }
}
