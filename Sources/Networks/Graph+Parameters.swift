import Tensors

extension Node {
    /// The parameters that the node reads, in a fixed order, with their shapes.
    public var parameterShapes: [(name: String, shape: [Int])] {
        switch operation {
        case .convolution(let convolution):
            let weight = [
                convolution.outputChannels, convolution.inputChannels / convolution.groups, convolution.kernelHeight,
                convolution.kernelWidth,
            ]
            return [("\(name).weight", weight)]
                + (convolution.bias ? [("\(name).bias", [convolution.outputChannels])] : [])
        case .batchNormalization(let channels, _, _):
            return ["weight", "bias", "running_mean", "running_var"].map { ("\(name).\($0)", [channels]) }
        case .linear(let inputFeatures, let outputFeatures):
            return [("\(name).weight", [outputFeatures, inputFeatures]), ("\(name).bias", [outputFeatures])]
        case .relu, .relu6, .sigmoid, .silu, .maxPool, .averagePool, .globalAveragePool, .add, .multiply,
            .concatenate, .dropout:
            return []
        }
    }
}

extension Graph {
    /// The shape of every parameter, running statistics included, by name.
    public var parameterShapes: [String: [Int]] {
        Dictionary(
            nodes.flatMap(\.parameterShapes).map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many numbers training changes: all parameters but the running statistics.
    public var trainableParameterCount: Int {
        parameterShapes.reduce(0) { sum, parameter in
            parameter.key.hasSuffix(".running_mean") || parameter.key.hasSuffix(".running_var")
                ? sum : sum + parameter.value.reduce(1, *)
        }
    }

    /// The number of stages.
    public var stageCount: Int { (nodes.map(\.stage).max() ?? -1) + 1 }

    /// Checks that the weights are exactly those of the graph.
    /// - Throws: `NetworkError` with the code `missingWeight`, `weightShape` or `unexpectedWeight`.
    public func validate(_ weights: [String: Tensor]) throws {
        let shapes = parameterShapes
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            guard let weight = weights[name] else {
                throw NetworkError(.missingWeight, "is not among the weights", name: name, expectedShape: shape)
            }
            guard weight.shape == shape else {
                throw NetworkError(
                    .weightShape, "has the wrong shape", name: name, expectedShape: shape, actualShape: weight.shape)
            }
        }
        if let name = weights.keys.filter({ shapes[$0] == nil }).min() {
            throw NetworkError(.unexpectedWeight, "belongs to no parameter of \(self.name)", name: name)
        }
    }
}
