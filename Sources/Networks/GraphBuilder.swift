/// Builds a ``Graph`` from the input to the classifier, a line of the paper's table a call.
///
/// Each call continues from the result of the last one and is a stage of its own; the first is stage 0.
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

    private let name: String
    private let activation: Operation
    private let normalization: Normalization
    private let padding: PaddingRule
    private var nodes: [Node] = []
    private var current = "image"
    private var channels = 3
    private var size: ImageSize
    private var stage = 0
    private var blockCount = 0

    init(
        name: String, inputSize: ImageSize, activation: Operation, normalization: Normalization = Normalization(),
        padding: PaddingRule = .symmetric
    ) {
        self.name = name
        self.size = inputSize
        self.activation = activation
        self.normalization = normalization
        self.padding = padding
    }

    /// Convolution, batch normalisation, activation.
    mutating func convolution(_ name: String, kernelSize: Int, stride: Int, outputChannels: Int) {
        convolve("\(name).conv", kernelSize: kernelSize, stride: stride, outputChannels: outputChannels)
        normalize("\(name).norm")
        activate("\(name).activation")
        stage += 1
    }

    /// A depthwise, then a pointwise convolution, each normalised and activated (Howard et al. 2017, figure 3).
    mutating func separableConvolution(_ name: String, kernelSize: Int, stride: Int, outputChannels: Int) {
        normalizedDepthwise("\(name).depthwise", kernelSize: kernelSize, stride: stride)
        convolve("\(name).pointwise", kernelSize: 1, stride: 1, outputChannels: outputChannels)
        normalize("\(name).pointwise_norm")
        activate("\(name).pointwise_activation")
        stage += 1
    }

    /// A stage of inverted residual blocks with linear bottlenecks (Sandler et al. 2018, Table 1 and figure 3b).
    /// - Parameters:
    ///   - expansion: how many times wider the block is inside; 1 leaves the expanding convolution out.
    ///   - stride: of the first block; the others have 1.
    mutating func invertedResiduals(expansion: Int, kernelSize: Int, stride: Int, outputChannels: Int, blocks: Int) {
        for block in 0..<blocks {
            let prefix = "blocks.\(blockCount)"
            let (input, inputChannels, blockStride) = (current, channels, block == 0 ? stride : 1)
            if expansion > 1 {
                convolve("\(prefix).expand", kernelSize: 1, stride: 1, outputChannels: expansion * inputChannels)
                normalize("\(prefix).expand_norm")
                activate("\(prefix).expand_activation")
            }
            normalizedDepthwise("\(prefix).depthwise", kernelSize: kernelSize, stride: blockStride)
            convolve("\(prefix).project", kernelSize: 1, stride: 1, outputChannels: outputChannels)
            normalize("\(prefix).project_norm")
            if blockStride == 1, inputChannels == outputChannels {
                append("\(prefix).add", .add, inputs: [input, current])
            }
            blockCount += 1
        }
        stage += 1
    }

    /// Ends the network: the mean over the feature map, dropout, a linear layer.
    consuming func classify(classes: Int, dropoutRate: Float) -> Graph {
        let featureMap = current
        append("pool", .globalAveragePool)
        append("dropout", .dropout(rate: dropoutRate))
        append("classifier", .linear(inputFeatures: channels, outputFeatures: classes))
        return Graph(
            name: name, input: "image", inputChannels: 3, nodes: nodes,
            outputs: .init(logits: "classifier", embedding: "pool", featureMap: featureMap))
    }

    private mutating func normalizedDepthwise(_ name: String, kernelSize: Int, stride: Int) {
        convolve(name, kernelSize: kernelSize, stride: stride, outputChannels: channels, groups: channels)
        normalize("\(name)_norm")
        activate("\(name)_activation")
    }

    private mutating func convolve(_ name: String, kernelSize: Int, stride: Int, outputChannels: Int, groups: Int = 1) {
        let convolution = Convolution(
            inputChannels: channels, outputChannels: outputChannels, kernelSize: kernelSize, stride: stride,
            groups: groups, padding: zeros(kernelSize: kernelSize, stride: stride))
        append(name, .convolution(convolution))
        channels = outputChannels
        size = convolution.outputSize(of: size)
    }

    private mutating func normalize(_ name: String) {
        append(
            name,
            .batchNormalization(
                channels: channels, epsilon: normalization.epsilon, momentum: normalization.momentum))
    }

    private mutating func activate(_ name: String) { append(name, activation) }

    private mutating func append(_ name: String, _ operation: Operation, inputs: [String]? = nil) {
        nodes.append(Node(name: name, operation: operation, inputs: inputs ?? [current], stage: stage))
        current = name
    }

    private func zeros(kernelSize: Int, stride: Int) -> Convolution.Padding {
        guard padding == .tensorFlowSame else { return .init(all: kernelSize / 2) }
        func total(_ length: Int) -> Int { max(0, (length - 1) / stride * stride + kernelSize - length) }
        let (vertical, horizontal) = (total(size.height), total(size.width))
        return .init(
            top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
            right: horizontal - horizontal / 2)
    }
}

extension Convolution {
    /// The size of the result for an input of a size; 0 where the kernel does not fit.
    func outputSize(of input: ImageSize) -> ImageSize {
        func windows(_ length: Int) -> Int { length < kernelSize ? 0 : (length - kernelSize) / stride + 1 }
        return ImageSize(
            height: windows(input.height + padding.top + padding.bottom),
            width: windows(input.width + padding.left + padding.right))
    }
}
