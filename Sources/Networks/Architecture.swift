/// The networks that can be trained, under the names of the command line.
public enum Architecture: String, CaseIterable, Sendable, Codable {
    /// Our own network with fewer than 0.1 million parameters, for drawn smears and quick tests.
    case smallCNN = "small-cnn"
    /// Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", at width 1.0.
    case mobileNetV2 = "mobilenet-v2"
    /// EfficientNet-Lite0: Tan and Le 2019 without squeeze-and-excitation, with ReLU6.
    case efficientNetLite0 = "efficientnet-lite0"
    /// EfficientNet-Lite2: the same, 1.1 times as wide and 1.2 times as deep.
    case efficientNetLite2 = "efficientnet-lite2"
    /// Szegedy et al. 2015, "Going Deeper with Convolutions": GoogLeNet, with batch normalisation, without the auxiliary
    /// classifiers and local response normalisation.
    case googLeNet = "googlenet"
    /// He et al. 2016, "Deep Residual Learning for Image Recognition", with 18 layers, and the squeeze-and-excitation of
    /// Hu et al. 2018 in each block.
    case seResNet18 = "se-resnet-18"
    /// Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", at width 1.0.
    case mobileNet = "mobilenet"
    /// Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision", without the auxiliary classifier.
    case inceptionV3 = "inception-v3"
    /// A cascade of sparse blocks, after SBCDNet (Das, Sahu and Meher 2023).
    case sparseCascade = "sparse-cascade"
    /// A plain network whose blocks are weighed by attention, after A2M-LEUK (Talaat and Gamel 2023).
    case attentionCNN = "attention-cnn"
    /// Four plain convolutions with pools between them, as in the first published system of this kind.
    case plainCNN = "plain-cnn"

    /// The names of all, for help and messages.
    public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The network for images of the given size; its parameters do not depend on the size, its padding may.
    /// - Parameter classes: How many logits leave it.
    /// - Precondition: `classes`, `inputHeight` and `inputWidth` are positive.
    public func graph(classes: Int, inputHeight: Int = 224, inputWidth: Int = 224) -> Graph {
        precondition(classes > 0 && inputHeight > 0 && inputWidth > 0, "sizes must be positive")
        let size = ImageSize(height: inputHeight, width: inputWidth)
        switch self {
        case .smallCNN: return Self.smallCNN(classes: classes, size: size)
        case .mobileNetV2: return Self.mobileNetV2(classes: classes, size: size)
        case .efficientNetLite0: return Self.efficientNetLite(self, width: 1, depth: 1, classes: classes, size: size)
        case .efficientNetLite2:
            return Self.efficientNetLite(self, width: 1.1, depth: 1.2, classes: classes, size: size)
        case .googLeNet: return Self.googLeNet(classes: classes, size: size)
        case .seResNet18: return Self.seResNet18(classes: classes, size: size)
        case .mobileNet: return Self.mobileNet(classes: classes, size: size)
        case .inceptionV3: return Self.inceptionV3(classes: classes, size: size)
        case .sparseCascade: return Self.sparseCascade(classes: classes, size: size)
        case .attentionCNN: return Self.attentionCNN(classes: classes, size: size)
        case .plainCNN: return Self.plainCNN(classes: classes, size: size)
        }
    }

    /// The file of ImageNet weights under `.deps/weights/`, if the network has such.
    public var pretrained: String? {
        switch self {
        case .efficientNetLite0, .efficientNetLite2: "\(rawValue).safetensors"
        default: nil
        }
    }
}

/// Height and width of an image or feature map, in pixels.
struct ImageSize: Sendable, Equatable {
    let height: Int
    let width: Int

    /// How many windows of a square kernel fit, down and across; 0 where the kernel is larger.
    func windows(kernelSize: Int, stride: Int, padding: Convolution.Padding) -> ImageSize {
        func count(_ length: Int) -> Int { length < kernelSize ? 0 : (length - kernelSize) / stride + 1 }
        return ImageSize(
            height: count(height + padding.top + padding.bottom), width: count(width + padding.left + padding.right))
    }
}

extension Architecture {
    /// Five plain or separable convolutions down to 1/16 of the side, where a drawn cell covers a few pixels.
    static func smallCNN(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.smallCNN.rawValue, inputSize: size, activation: .relu)
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: 16)
        network.convolution("stage1", kernelSize: 3, stride: 2, outputChannels: 32)
        network.convolution("stage2", kernelSize: 3, stride: 2, outputChannels: 64)
        network.separableConvolution("stage3", kernelSize: 3, stride: 1, outputChannels: 64)
        network.convolution("stage4", kernelSize: 3, stride: 2, outputChannels: 96)
        network.separableConvolution("stage5", kernelSize: 5, stride: 1, outputChannels: 128)
        return network.classify(classes: classes, dropoutRate: 0.1)
    }

    /// Sandler et al. 2018, Table 2: <https://arxiv.org/abs/1801.04381>.
    static func mobileNetV2(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.mobileNetV2.rawValue, inputSize: size, activation: .relu6)
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: 32)
        network.invertedResiduals(expansion: 1, kernelSize: 3, stride: 1, outputChannels: 16, blocks: 1)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 2, outputChannels: 24, blocks: 2)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 2, outputChannels: 32, blocks: 3)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 2, outputChannels: 64, blocks: 4)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 1, outputChannels: 96, blocks: 3)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 2, outputChannels: 160, blocks: 3)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 1, outputChannels: 320, blocks: 1)
        network.convolution("head", kernelSize: 1, stride: 1, outputChannels: 1280)
        return network.classify(classes: classes, dropoutRate: 0.2)
    }

    /// Tan and Le 2019, Table 1 (<https://arxiv.org/abs/1905.11946>), as changed for EfficientNet-Lite: no
    /// squeeze-and-excitation, ReLU6 for swish, stem and head not scaled, nor the number of first and last blocks
    /// (<https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite>).
    /// - Parameters:
    ///   - width: Scales the channels, which are then rounded to a multiple of 8 that is at least nine tenths of them.
    ///   - depth: Scales the blocks of a stage, rounded up.
    static func efficientNetLite(
        _ name: Architecture, width: Double, depth: Double, classes: Int, size: ImageSize
    ) -> Graph {
        var network = GraphBuilder(
            name: name.rawValue, inputSize: size, activation: .relu6,
            normalization: .init(epsilon: 1e-3, momentum: 0.01), padding: .tensorFlowSame)
        func stage(
            _ expansion: Int, _ kernelSize: Int, _ stride: Int, _ channels: Int, blocks: Int, isScaled: Bool = true
        ) {
            network.invertedResiduals(
                expansion: expansion, kernelSize: kernelSize, stride: stride,
                outputChannels: rounded(Double(channels) * width),
                blocks: isScaled ? Int((Double(blocks) * depth).rounded(.up)) : blocks)
        }
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: 32)
        stage(1, 3, 1, 16, blocks: 1, isScaled: false)
        stage(6, 3, 2, 24, blocks: 2)
        stage(6, 5, 2, 40, blocks: 2)
        stage(6, 3, 2, 80, blocks: 3)
        stage(6, 5, 1, 112, blocks: 3)
        stage(6, 5, 2, 192, blocks: 4)
        stage(6, 3, 1, 320, blocks: 1, isScaled: false)
        network.convolution("head", kernelSize: 1, stride: 1, outputChannels: 1280)
        return network.classify(classes: classes, dropoutRate: width > 1 ? 0.3 : 0.2)
    }

    private static func rounded(_ channels: Double) -> Int {
        let nearest = max(8, Int(channels + 4) / 8 * 8)
        return Double(nearest) < 0.9 * channels ? nearest + 8 : nearest
    }

    /// Szegedy et al. 2015, Table 1 (<https://arxiv.org/abs/1409.4842>), as it is trained today: batch normalisation after
    /// every convolution (Ioffe and Szegedy 2015), hence neither auxiliary classifiers nor local response normalisation.
    ///
    /// The paper does not say how its pools of stride 2 meet the borders; a border of one pixel gives the table's sizes.
    static func googLeNet(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.googLeNet.rawValue, inputSize: size, activation: .relu)
        network.convolution("stem", kernelSize: 7, stride: 2, outputChannels: 64)
        network.maxPool("pool1", kernelSize: 3, stride: 2)
        network.convolution("reduce2", kernelSize: 1, stride: 1, outputChannels: 64)
        network.convolution("convolution2", kernelSize: 3, stride: 1, outputChannels: 192)
        network.maxPool("pool2", kernelSize: 3, stride: 2)
        network.inception("3a", of1x1: 64, reduce3x3: 96, of3x3: 128, reduce5x5: 16, of5x5: 32, poolProjection: 32)
        network.inception("3b", of1x1: 128, reduce3x3: 128, of3x3: 192, reduce5x5: 32, of5x5: 96, poolProjection: 64)
        network.maxPool("pool3", kernelSize: 3, stride: 2)
        network.inception("4a", of1x1: 192, reduce3x3: 96, of3x3: 208, reduce5x5: 16, of5x5: 48, poolProjection: 64)
        network.inception("4b", of1x1: 160, reduce3x3: 112, of3x3: 224, reduce5x5: 24, of5x5: 64, poolProjection: 64)
        network.inception("4c", of1x1: 128, reduce3x3: 128, of3x3: 256, reduce5x5: 24, of5x5: 64, poolProjection: 64)
        network.inception("4d", of1x1: 112, reduce3x3: 144, of3x3: 288, reduce5x5: 32, of5x5: 64, poolProjection: 64)
        network.inception("4e", of1x1: 256, reduce3x3: 160, of3x3: 320, reduce5x5: 32, of5x5: 128, poolProjection: 128)
        network.maxPool("pool4", kernelSize: 3, stride: 2)
        network.inception("5a", of1x1: 256, reduce3x3: 160, of3x3: 320, reduce5x5: 32, of5x5: 128, poolProjection: 128)
        network.inception("5b", of1x1: 384, reduce3x3: 192, of3x3: 384, reduce5x5: 48, of5x5: 128, poolProjection: 128)
        return network.classify(classes: classes, dropoutRate: 0.4)
    }

    /// He et al. 2016, Table 1, column "18-layer" (<https://arxiv.org/abs/1512.03385>), which drops out nothing, with
    /// squeeze-and-excitation at r = 16 (Hu et al. 2018, <https://arxiv.org/abs/1709.01507>).
    static func seResNet18(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.seResNet18.rawValue, inputSize: size, activation: .relu)
        network.convolution("stem", kernelSize: 7, stride: 2, outputChannels: 64)
        network.maxPool("pool1", kernelSize: 3, stride: 2)
        network.residuals("conv2", stride: 1, outputChannels: 64, blocks: 2, squeeze: 16)
        network.residuals("conv3", stride: 2, outputChannels: 128, blocks: 2, squeeze: 16)
        network.residuals("conv4", stride: 2, outputChannels: 256, blocks: 2, squeeze: 16)
        network.residuals("conv5", stride: 2, outputChannels: 512, blocks: 2, squeeze: 16)
        return network.classify(classes: classes, dropoutRate: 0)
    }
}
