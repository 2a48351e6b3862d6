import Tensors

/// Merges batch normalisations into the convolutions before them, for inference.
///
/// With running mean μ and variance σ², scale γ and shift β, γ (w·x + b − μ) / √(σ² + ε) + β is a convolution with the
/// weight w · γ / √(σ² + ε) and the bias β + (b − μ) · γ / √(σ² + ε) (Jacob et al. 2018, section 3.2). Exact at the
/// borders as well, where the zeros enter before the convolution.
public enum BatchNormalizationFolding {
    /// The graph without the batch normalisations that follow a convolution directly, and its weights. A convolution
    /// whose result leaves the network, or is read elsewhere too, stays as it is.
    /// - Throws: `NetworkError` where weights are missing, have a wrong shape or a variance that is not positive.
    public static func fold(_ graph: Graph, _ weights: [String: Tensor]) throws -> (Graph, [String: Tensor]) {
        try graph.validate(weights)
        let folded = foldedConvolutions(in: graph)
        var weights = weights
        var nodes: [Node] = []
        for node in graph.nodes {
            if let convolution = folded[node.name], case .batchNormalization(_, let epsilon, _) = node.operation {
                try merge(node.name, epsilon: epsilon, into: convolution, &weights)
                continue
            }
            var operation = node.operation
            if case .convolution(let convolution) = operation, folded.values.contains(node.name) {
                operation = .convolution(convolution.withBias)
            }
            let inputs = node.inputs.map { folded[$0] ?? $0 }
            nodes.append(Node(name: node.name, operation: operation, inputs: inputs, stage: node.stage))
        }
        func renamed(_ name: String) -> String { folded[name] ?? name }
        let outputs = Graph.Outputs(
            logits: renamed(graph.outputs.logits), embedding: renamed(graph.outputs.embedding),
            featureMap: renamed(graph.outputs.featureMap))
        let result = Graph(
            name: graph.name, input: graph.input, inputChannels: graph.inputChannels, nodes: nodes, outputs: outputs)
        return (result, weights)
    }

    /// For each normalisation that can go, the convolution that takes it in.
    private static func foldedConvolutions(in graph: Graph) -> [String: String] {
        let outputs = [graph.outputs.logits, graph.outputs.embedding, graph.outputs.featureMap]
        let uses = Dictionary((graph.nodes.flatMap(\.inputs) + outputs).map { ($0, 1) }, uniquingKeysWith: +)
        let convolutions = Set(
            graph.nodes.filter { if case .convolution = $0.operation { true } else { false } }.map(\.name))
        return graph.nodes.reduce(into: [:]) { folded, node in
            guard case .batchNormalization = node.operation, let input = node.inputs.first,
                convolutions.contains(input), uses[input] == 1
            else { return }
            folded[node.name] = input
        }
    }

    private static func merge(
        _ norm: String, epsilon: Float, into convolution: String, _ weights: inout [String: Tensor]
    ) throws {
        func take(_ name: String) throws -> Tensor {
            guard let tensor = weights.removeValue(forKey: name) else {
                throw NetworkError(.missingWeight, "is not among the weights", name: name)
            }
            return tensor
        }
        var kernel = try take("\(convolution).weight")
        let scale = try take("\(norm).weight").values
        var bias = try take("\(norm).bias")
        let mean = try take("\(norm).running_mean").values
        let variance = try take("\(norm).running_var").values
        let convolutionBias = weights["\(convolution).bias"]?.values ?? Array(repeating: 0, count: mean.count)
        guard mean.count == kernel.shape[0] else {
            throw NetworkError(
                .weightShape, "normalises other channels than '\(convolution)' gives", name: norm,
                expectedShape: [kernel.shape[0]], actualShape: [mean.count])
        }
        let filterSize = kernel.shape.dropFirst().reduce(1, *)
        for channel in mean.indices {
            // Twice the precision of the weights, so that the fold adds no error but the last rounding.
            let square = Double(variance[channel]) + Double(epsilon)
            guard square > 0 else {
                throw NetworkError(
                    .invalidWeight, "channel \(channel) has the variance \(variance[channel])",
                    name: "\(norm).running_var")
            }
            let factor = Double(scale[channel]) / square.squareRoot()
            for index in channel * filterSize..<(channel + 1) * filterSize {
                kernel.values[index] = Float(Double(kernel.values[index]) * factor)
            }
            let shift = (Double(convolutionBias[channel]) - Double(mean[channel])) * factor
            bias.values[channel] = Float(Double(bias.values[channel]) + shift)
        }
        weights["\(convolution).weight"] = kernel
        weights["\(convolution).bias"] = bias
    }
}

extension Convolution {
    fileprivate var withBias: Convolution {
        Convolution(
            inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: kernelHeight,
            kernelWidth: kernelWidth, stride: stride, groups: groups, bias: true, padding: padding)
    }
}
