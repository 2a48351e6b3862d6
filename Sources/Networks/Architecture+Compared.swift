/// Networks of published systems that ours is held against.
extension Architecture {
    /// Howard et al. 2017, Table 1 (<https://arxiv.org/abs/1704.04861>). Its last depthwise convolution is said to have stride 2,
    /// which the sizes beside it contradict; 1 gives them.
    static func mobileNet(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.mobileNet.rawValue, inputSize: size, activation: .relu)
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: 32)
        let rows: [(stride: Int, channels: Int)] =
            [(1, 64), (2, 128), (1, 128), (2, 256), (1, 256), (2, 512)]
            + Array(repeating: (1, 512), count: 5) + [(2, 1024), (1, 1024)]
        for (index, row) in rows.enumerated() {
            network.separableConvolution(
                "stage\(index + 1)", kernelSize: 3, stride: row.stride, outputChannels: row.channels)
        }
        return network.classify(classes: classes, dropoutRate: 0.001)
    }

    /// Szegedy et al. 2016, Table 1 and figures 5 to 7 (<https://arxiv.org/abs/1512.00567>); the channels, which the paper leaves
    /// open, are those that its authors published with the weights.
    static func inceptionV3(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(
            name: Architecture.inceptionV3.rawValue, inputSize: size, activation: .relu,
            normalization: .init(epsilon: 1e-3))
        let none = Convolution.Padding(all: 0)
        network.activatedConvolution("stem", kernelSize: 3, stride: 2, outputChannels: 32, padding: none)
        network.endStage()
        network.activatedConvolution("entry2", kernelSize: 3, stride: 1, outputChannels: 32, padding: none)
        network.activatedConvolution("entry3", kernelSize: 3, stride: 1, outputChannels: 64)
        network.maxPool("pool1", kernelSize: 3, stride: 2, padding: 0)
        network.activatedConvolution("entry4", kernelSize: 1, stride: 1, outputChannels: 80)
        network.activatedConvolution("entry5", kernelSize: 3, stride: 1, outputChannels: 192, padding: none)
        network.maxPool("pool2", kernelSize: 3, stride: 2, padding: 0)
        network.endStage()
        for (name, projection) in [("5b", 32), ("5c", 64), ("5d", 64)] {
            network.branches(
                name,
                [
                    [.square(1, 64)], [.square(1, 48), .square(5, 64)],
                    [.square(1, 64), .square(3, 96), .square(3, 96)],
                ], poolProjection: projection)
        }
        network.reduction("6a", [[.square(3, 384)], [.square(1, 64), .square(3, 96), .square(3, 96)]])
        for (name, inner) in [("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)] {
            network.branches(
                name,
                [
                    [.square(1, 192)],
                    [.square(1, inner), .oblong(height: 1, width: 7, inner), .oblong(height: 7, width: 1, 192)],
                    [
                        .square(1, inner), .oblong(height: 7, width: 1, inner), .oblong(height: 1, width: 7, inner),
                        .oblong(height: 7, width: 1, inner), .oblong(height: 1, width: 7, 192),
                    ],
                ], poolProjection: 192)
        }
        network.reduction(
            "7a",
            [
                [.square(1, 192), .square(3, 320)],
                [
                    .square(1, 192), .oblong(height: 1, width: 7, 192), .oblong(height: 7, width: 1, 192),
                    .square(3, 192),
                ],
            ])
        for name in ["7b", "7c"] {
            network.branches(
                name,
                [[.square(1, 320)], [.square(1, 384), .split(384)], [.square(1, 448), .square(3, 384), .split(384)]],
                poolProjection: 192)
        }
        return network.classify(classes: classes, dropoutRate: 0.5)
    }

    /// Four stages of sparse blocks (grouped 3 × 3, then 1 × 1); each reads what all stages before it gave, pooled to its size.
    ///
    /// SBCDNet (Das, Sahu and Meher 2023) names the idea, a sparse and deep cascade; numbers of layers and channels are ours.
    static func sparseCascade(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.sparseCascade.rawValue, inputSize: size, activation: .relu)
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: 32)
        for (index, channels) in [64, 96, 128, 160].enumerated() {
            let name = "cascade\(index + 1)"
            network.maxPool("\(name).pool", kernelSize: 3, stride: 2)
            let earlier = network.current
            network.activatedConvolution("\(name).widen", kernelSize: 1, stride: 1, outputChannels: channels)
            for block in 1...2 {
                network.activatedConvolution(
                    "\(name).sparse\(block)", kernelSize: 3, stride: 1, outputChannels: channels, groups: 8)
                network.activatedConvolution("\(name).mix\(block)", kernelSize: 1, stride: 1, outputChannels: channels)
            }
            network.join("\(name).output", [earlier, network.current])
            network.endStage()
        }
        return network.classify(classes: classes, dropoutRate: 0.3)
    }

    /// Four blocks of two 3 × 3 convolutions; each is weighed by channel, then by place.
    ///
    /// A2M-LEUK (Talaat and Gamel 2023) sets attention on a convolutional network; numbers of layers and channels are ours.
    static func attentionCNN(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.attentionCNN.rawValue, inputSize: size, activation: .relu)
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: 32)
        network.maxPool("pool1", kernelSize: 3, stride: 2)
        for (index, channels) in [48, 96, 160, 256].enumerated() {
            let name = "block\(index + 1)"
            if index > 0 { network.maxPool("\(name).pool", kernelSize: 3, stride: 2) }
            network.activatedConvolution("\(name).1", kernelSize: 3, stride: 1, outputChannels: channels)
            network.activatedConvolution("\(name).2", kernelSize: 3, stride: 1, outputChannels: channels)
            network.squeezeAndExcite(name, reduction: 8)
            network.attend("\(name).places", reduction: 8)
            network.endStage()
        }
        return network.classify(classes: classes, dropoutRate: 0.3)
    }

    /// What a text book begins with: four convolutions, with pools between them.
    static func plainCNN(classes: Int, size: ImageSize) -> Graph {
        var network = GraphBuilder(name: Architecture.plainCNN.rawValue, inputSize: size, activation: .relu)
        for (index, channels) in [32, 64, 128, 128].enumerated() {
            let name = index == 0 ? "stem" : "stage\(index)"
            if index > 0 { network.maxPool("\(name).pool", kernelSize: 3, stride: 2) }
            network.convolution(name, kernelSize: 3, stride: index == 0 ? 2 : 1, outputChannels: channels)
        }
        return network.classify(classes: classes, dropoutRate: 0.25)
    }
}

extension GraphBuilder {
    /// A convolution of an inception module, and how many channels leave it.
    enum InceptionLayer {
        /// Side of the kernel.
        case square(Int, Int)
        case oblong(height: Int, width: Int, Int)
        /// Kernels of 1 × 3 and 3 × 1 beside each other (Szegedy et al. 2016, figure 7); so many channels leave each.
        case split(Int)
    }

    /// An inception module (Szegedy et al. 2016, figures 5 to 7): branches beside each other, and one that takes the mean of the
    /// nearest places and projects it.
    mutating func branches(_ name: String, _ branches: [[InceptionLayer]], poolProjection: Int) {
        let input = current
        var results = self.results(of: branches, name, from: input, isReduction: false)
        averagePool("inception\(name).pool", kernelSize: 3)
        activatedConvolution(
            "inception\(name).pool_projection", kernelSize: 1, stride: 1, outputChannels: poolProjection)
        results.append(current)
        join("inception\(name).output", results)
        endStage()
    }

    /// Halves the side: branches whose last layer has stride 2, beside a pool (Szegedy et al. 2016, figure 10).
    mutating func reduction(_ name: String, _ branches: [[InceptionLayer]]) {
        let input = current
        var results = self.results(of: branches, name, from: input, isReduction: true)
        maxPool("inception\(name).pool", kernelSize: 3, stride: 2, padding: 0)
        results.append(current)
        join("inception\(name).output", results)
        endStage()
    }

    /// What each branch gives; `current` is the input again.
    private mutating func results(
        of branches: [[InceptionLayer]], _ name: String, from input: FeatureMap, isReduction: Bool
    ) -> [FeatureMap] {
        var results: [FeatureMap] = []
        for (number, layers) in branches.enumerated() {
            for (index, layer) in layers.enumerated() {
                append(
                    layer, "inception\(name).\(number + 1).\(index + 1)",
                    halves: isReduction && index == layers.count - 1)
            }
            results.append(current)
            current = input
        }
        return results
    }

    private mutating func append(_ layer: InceptionLayer, _ name: String, halves: Bool) {
        switch layer {
        case .square(let side, let channels):
            activatedConvolution(
                name, kernelSize: side, stride: halves ? 2 : 1, outputChannels: channels,
                padding: halves ? .init(all: 0) : nil)
        case .oblong(let height, let width, let channels):
            oblong(name, height: height, width: width, outputChannels: channels)
        case .split(let channels):
            let input = current
            oblong("\(name).flat", height: 1, width: 3, outputChannels: channels)
            let flat = current
            current = input
            oblong("\(name).high", height: 3, width: 1, outputChannels: channels)
            join("\(name).output", [flat, current])
        }
    }

    private mutating func oblong(_ name: String, height: Int, width: Int, outputChannels: Int) {
        activatedConvolution(
            name, kernelSize: height, kernelWidth: width, stride: 1, outputChannels: outputChannels,
            padding: .init(top: height / 2, left: width / 2, bottom: height / 2, right: width / 2))
    }

    /// Weighs each place of each channel by a gate from 0 to 1, computed from the channels at that place.
    mutating func attend(_ name: String, reduction: Int) {
        let input = current
        activatedConvolution(
            "\(name).squeeze", kernelSize: 1, stride: 1, outputChannels: max(1, input.channels / reduction))
        convolve("\(name).excite", kernelSize: 1, stride: 1, outputChannels: input.channels)
        normalize("\(name).excite_norm")
        append("\(name).gate", .sigmoid)
        append("\(name).scale", .multiply, inputs: [input.name, current.name])
    }
}
