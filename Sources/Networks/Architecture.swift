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
        }
    }

    /// The file of ImageNet weights under `.deps/weights/`, if the network has such.
    public var pretrained: String? {
        switch self {
        case .smallCNN, .mobileNetV2, .googLeNet, .seResNet18: nil
        case .efficientNetLite0, .efficientNetLite2: "\(rawValue).safetensors"
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
