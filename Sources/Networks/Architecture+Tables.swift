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
    /// squeeze-and-excitation, ReLU6 for swish, stem and head not scaled
    /// (<https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite>).
    static func efficientNetLite0(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(
            name: Architecture.efficientNetLite0.rawValue, inputSize: size, activation: .relu6,
            normalization: .init(epsilon: 1e-3, momentum: 0.01), padding: .tensorFlowSame)
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: 32)
        network.invertedResiduals(expansion: 1, kernelSize: 3, stride: 1, outputChannels: 16, blocks: 1)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 2, outputChannels: 24, blocks: 2)
        network.invertedResiduals(expansion: 6, kernelSize: 5, stride: 2, outputChannels: 40, blocks: 2)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 2, outputChannels: 80, blocks: 3)
        network.invertedResiduals(expansion: 6, kernelSize: 5, stride: 1, outputChannels: 112, blocks: 3)
        network.invertedResiduals(expansion: 6, kernelSize: 5, stride: 2, outputChannels: 192, blocks: 4)
        network.invertedResiduals(expansion: 6, kernelSize: 3, stride: 1, outputChannels: 320, blocks: 1)
        network.convolution("head", kernelSize: 1, stride: 1, outputChannels: 1280)
        return network.classify(classes: classes, dropoutRate: 0.2)
    }
}
