/// The blocks that networks are made of.
extension GraphBuilder {
    /// Convolution, batch normalisation, activation.
    mutating func convolution(_ name: String, kernelSize: Int, stride: Int, outputChannels: Int) {
        activatedConvolution(name, kernelSize: kernelSize, stride: stride, outputChannels: outputChannels)
        endStage()
    }

    /// A depthwise, then a pointwise convolution, each normalised and activated (Howard et al. 2017, figure 3).
    mutating func separableConvolution(_ name: String, kernelSize: Int, stride: Int, outputChannels: Int) {
        normalizedDepthwise("\(name).depthwise", kernelSize: kernelSize, stride: stride)
        convolve("\(name).pointwise", kernelSize: 1, stride: 1, outputChannels: outputChannels)
        normalize("\(name).pointwise_norm")
        activate("\(name).pointwise_activation")
        endStage()
    }

    /// A stage of inverted residual blocks with linear bottlenecks (Sandler et al. 2018, Table 1 and figure 3b).
    /// - Parameters:
    ///   - expansion: How many times wider the block is inside; 1 leaves the expanding convolution out.
    ///   - stride: The stride of the first block; the others have 1.
    mutating func invertedResiduals(expansion: Int, kernelSize: Int, stride: Int, outputChannels: Int, blocks: Int) {
        for block in 0..<blocks {
            let prefix = "blocks.\(blockCount)"
            let (input, blockStride) = (current, block == 0 ? stride : 1)
            if expansion > 1 {
                convolve("\(prefix).expand", kernelSize: 1, stride: 1, outputChannels: expansion * input.channels)
                normalize("\(prefix).expand_norm")
                activate("\(prefix).expand_activation")
            }
            normalizedDepthwise("\(prefix).depthwise", kernelSize: kernelSize, stride: blockStride)
            convolve("\(prefix).project", kernelSize: 1, stride: 1, outputChannels: outputChannels)
            normalize("\(prefix).project_norm")
            if blockStride == 1, input.channels == outputChannels {
                append("\(prefix).add", .add, inputs: [input.name, current.name])
            }
            blockCount += 1
        }
        endStage()
    }

    /// An inception module with dimension reductions (Szegedy et al. 2015, figure 2b): four branches, joined channel after
    /// channel. The labels are the columns of Table 1, each a number of channels.
    mutating func inception(
        _ name: String, of1x1: Int, reduce3x3: Int, of3x3: Int, reduce5x5: Int, of5x5: Int, poolProjection: Int
    ) {
        let prefix = "inception\(name)"
        let input = current
        activatedConvolution("\(prefix).1x1", kernelSize: 1, stride: 1, outputChannels: of1x1)
        var branches = [current]
        current = input
        activatedConvolution("\(prefix).3x3_reduce", kernelSize: 1, stride: 1, outputChannels: reduce3x3)
        activatedConvolution("\(prefix).3x3", kernelSize: 3, stride: 1, outputChannels: of3x3)
        branches.append(current)
        current = input
        activatedConvolution("\(prefix).5x5_reduce", kernelSize: 1, stride: 1, outputChannels: reduce5x5)
        activatedConvolution("\(prefix).5x5", kernelSize: 5, stride: 1, outputChannels: of5x5)
        branches.append(current)
        current = input
        maxPool("\(prefix).pool", kernelSize: 3, stride: 1)
        activatedConvolution("\(prefix).pool_projection", kernelSize: 1, stride: 1, outputChannels: poolProjection)
        branches.append(current)
        join("\(prefix).output", branches)
        endStage()
    }

    /// Joins results of one size, channel after channel, and continues from all.
    mutating func join(_ name: String, _ results: [FeatureMap]) {
        current = results.last ?? current
        append(name, .concatenate, inputs: results.map(\.name))
        current.channels = results.reduce(0) { $0 + $1.channels }
    }

    /// A row of He et al. 2016, Table 1, for 18 and 34 layers: blocks of two 3 × 3 convolutions (figure 5, left). Where the
    /// shape changes, the shortcut is a projection (equation 2). Each block's residual is gated before the sum, as in
    /// figure 3 of Hu et al. 2018.
    /// - Parameters:
    ///   - stride: The stride of the first block; the others have 1.
    ///   - squeeze: How many times fewer channels the gate has inside, r of Hu et al.
    mutating func residuals(_ name: String, stride: Int, outputChannels: Int, blocks: Int, squeeze: Int) {
        for block in 0..<blocks {
            let prefix = "\(name).\(block)"
            let (input, blockStride) = (current, block == 0 ? stride : 1)
            activatedConvolution("\(prefix).1", kernelSize: 3, stride: blockStride, outputChannels: outputChannels)
            convolve("\(prefix).2.conv", kernelSize: 3, stride: 1, outputChannels: outputChannels)
            normalize("\(prefix).2.norm")
            squeezeAndExcite(prefix, reduction: squeeze)
            let residual = current
            current = input
            if blockStride > 1 || input.channels != outputChannels {
                convolve(
                    "\(prefix).projection.conv", kernelSize: 1, stride: blockStride, outputChannels: outputChannels)
                normalize("\(prefix).projection.norm")
            }
            append("\(prefix).add", .add, inputs: [current.name, residual.name])
            activate("\(prefix).activation")
        }
        endStage()
    }

    /// Scales each channel by a gate from 0 to 1 that is computed from the means of all (Hu et al. 2018, section 3): squeeze
    /// (equation 2), excitation by two linear layers (equation 3), and scaling (equation 4).
    mutating func squeezeAndExcite(_ prefix: String, reduction: Int) {
        let input = current
        let hidden = max(1, input.channels / reduction)
        append("\(prefix).squeeze", .globalAveragePool)
        append("\(prefix).excite1", .linear(inputFeatures: input.channels, outputFeatures: hidden))
        append("\(prefix).excite1_activation", .relu)
        append("\(prefix).excite2", .linear(inputFeatures: hidden, outputFeatures: input.channels))
        append("\(prefix).gate", .sigmoid)
        append("\(prefix).scale", .multiply, inputs: [input.name, current.name])
    }

    /// Convolution, batch normalisation and activation within a stage.
    mutating func activatedConvolution(
        _ name: String, kernelSize: Int, kernelWidth: Int? = nil, stride: Int, outputChannels: Int, groups: Int = 1,
        padding: Convolution.Padding? = nil
    ) {
        convolve(
            "\(name).conv", kernelSize: kernelSize, kernelWidth: kernelWidth, stride: stride,
            outputChannels: outputChannels, groups: groups,
            padding: padding)
        normalize("\(name).norm")
        activate("\(name).activation")
    }

    private mutating func normalizedDepthwise(_ name: String, kernelSize: Int, stride: Int) {
        convolve(
            name, kernelSize: kernelSize, stride: stride, outputChannels: current.channels, groups: current.channels)
        normalize("\(name)_norm")
        activate("\(name)_activation")
    }
}
