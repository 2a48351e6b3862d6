extension Graph {
    /// The shape of every result without the batch axis, by node name and under `input`: `[C, H, W]`, or `[C]`
    /// after global pooling.
    /// - Throws: `NetworkError` with the code `invalidGraph` or `shapeMismatch`.
    public func shapes(inputHeight: Int, inputWidth: Int) throws -> [String: [Int]] {
        var shapes = [input: [inputChannels, inputHeight, inputWidth]]
        for node in nodes {
            let inputs = try node.inputs.map { name in
                guard let shape = shapes[name] else {
                    throw NetworkError(.invalidGraph, "reads '\(name)', which no earlier node gives", name: node.name)
                }
                return shape
            }
            guard shapes[node.name] == nil else {
                throw NetworkError(.invalidGraph, "two results have this name", name: node.name)
            }
            shapes[node.name] = try node.outputShape(of: inputs)
        }
        for name in [outputs.logits, outputs.embedding, outputs.featureMap] where shapes[name] == nil {
            throw NetworkError(.invalidGraph, "is an output that no node gives", name: name)
        }
        return shapes
    }
}

extension Node {
    /// The shape of the result, without the batch axis.
    fileprivate func outputShape(of inputs: [[Int]]) throws -> [Int] {
        switch operation {
        case .add, .multiply:
            guard inputs.count == 2 else { throw mismatch("needs two inputs", inputs) }
            return try joinedShape(inputs)
        case .concatenate:
            guard !inputs.isEmpty else { throw mismatch("needs an input", inputs) }
            return try joinedShape(inputs)
        default:
            guard inputs.count == 1 else { throw mismatch("needs one input", inputs) }
        }
        let shape = inputs[0]
        switch operation {
        case .relu, .relu6, .sigmoid, .silu, .dropout, .add, .multiply, .concatenate:
            return shape
        case .linear(let inputFeatures, let outputFeatures):
            guard shape == [inputFeatures] else { throw mismatch("reads [\(inputFeatures)]", inputs) }
            return [outputFeatures]
        default:
            guard shape.count == 3 else { throw mismatch("needs [C, H, W]", inputs) }
            return try spatialShape(channels: shape[0], size: ImageSize(height: shape[1], width: shape[2]), inputs)
        }
    }

    private func spatialShape(channels: Int, size: ImageSize, _ inputs: [[Int]]) throws -> [Int] {
        switch operation {
        case .convolution(let convolution):
            guard channels == convolution.inputChannels, channels % convolution.groups == 0 else {
                throw mismatch("reads \(convolution.inputChannels) channels", inputs)
            }
            return try checked(convolution.outputChannels, convolution.outputSize(of: size), inputs)
        case .batchNormalization(let expected, _, _):
            guard channels == expected else { throw mismatch("reads \(expected) channels", inputs) }
            return inputs[0]
        case .maxPool(let kernelSize, let stride, let padding), .averagePool(let kernelSize, let stride, let padding):
            let windows = size.windows(kernelSize: kernelSize, stride: stride, padding: .init(all: padding))
            return try checked(channels, windows, inputs)
        default:
            return [channels]
        }
    }

    private func joinedShape(_ inputs: [[Int]]) throws -> [Int] {
        let first = inputs[0]
        switch operation {
        case .add:
            guard inputs.allSatisfy({ $0 == first }) else { throw mismatch("needs equal shapes", inputs) }
            return first
        case .multiply:
            // A gate [C] is spread over [C, H, W].
            let (values, factors) = (inputs[0], inputs[1])
            guard values == factors || (values.count == 3 && factors == [values[0]]) else {
                throw mismatch("needs equal shapes, or [C, H, W] and [C]", inputs)
            }
            return values
        default:
            guard inputs.allSatisfy({ !$0.isEmpty && $0.dropFirst() == first.dropFirst() }) else {
                throw mismatch("needs shapes that differ in channels only", inputs)
            }
            return [inputs.reduce(0) { $0 + $1[0] }] + first.dropFirst()
        }
    }

    private func checked(_ channels: Int, _ size: ImageSize, _ inputs: [[Int]]) throws -> [Int] {
        guard size.height > 0, size.width > 0 else { throw mismatch("the window is larger than its input", inputs) }
        return [channels, size.height, size.width]
    }

    private func mismatch(_ message: String, _ inputs: [[Int]]) -> NetworkError {
        NetworkError(.shapeMismatch, "\(message), inputs are \(inputs)", name: name, actualShape: inputs.first)
    }
}
