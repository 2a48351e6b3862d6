import Networks

/// A small network with every operation, as in `Scripts/golden_networks.py`, for images of 10 × 12 pixels.
/// The first three nodes are stage 0, the others stage 1.
public let everyOperation: Graph = {
    let convolution = Convolution(
        inputChannels: 3, outputChannels: 8, kernelSize: 3, stride: 2, bias: true,
        padding: .init(top: 0, left: 1, bottom: 1, right: 2))
    let grouped = Convolution(
        inputChannels: 8, outputChannels: 8, kernelSize: 3, groups: 4, padding: .init(all: 1))
    let side = Convolution(inputChannels: 16, outputChannels: 16, kernelSize: 1, padding: .init(all: 0))
    let layers: [(name: String, operation: Networks.Operation, inputs: [String])] = [
        ("conv", .convolution(convolution), ["image"]),
        ("norm", .batchNormalization(channels: 8, epsilon: 1e-3, momentum: 0.1), ["conv"]),
        ("relu6", .relu6, ["norm"]),
        ("grouped", .convolution(grouped), ["relu6"]),
        ("grouped_norm", .batchNormalization(channels: 8, epsilon: 1e-5, momentum: 0.1), ["grouped"]),
        ("silu", .silu, ["grouped_norm"]),
        ("maximum", .maxPool(kernelSize: 3, stride: 2, padding: 1), ["relu6"]),
        ("average", .averagePool(kernelSize: 3, stride: 2, padding: 1), ["silu"]),
        ("join", .concatenate, ["maximum", "average"]),
        ("squeeze", .globalAveragePool, ["join"]),
        ("gate_linear", .linear(inputFeatures: 16, outputFeatures: 16), ["squeeze"]),
        ("gate", .sigmoid, ["gate_linear"]),
        ("gated", .multiply, ["join", "gate"]),
        ("side", .convolution(side), ["gated"]),
        ("side_relu", .relu, ["side"]),
        ("sum", .add, ["gated", "side_relu"]),
        ("pool", .globalAveragePool, ["sum"]),
        ("dropout", .dropout(rate: 0.5), ["pool"]),
        ("classifier", .linear(inputFeatures: 16, outputFeatures: 4), ["dropout"]),
    ]
    return Graph(
        name: "every-operation", input: "image", inputChannels: 3,
        nodes: layers.enumerated().map { index, layer in
            Node(name: layer.name, operation: layer.operation, inputs: layer.inputs, stage: index < 3 ? 0 : 1)
        },
        outputs: .init(logits: "classifier", embedding: "pool", featureMap: "sum"))
}()
