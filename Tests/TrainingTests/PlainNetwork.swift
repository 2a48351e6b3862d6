import Networks
import Tensors
import Training

/// A convolution, its activation and a linear classifier on the mean: nothing that training mode changes.
enum PlainNetwork {
    static let graph = Graph(
        name: "plain", input: "image", inputChannels: 3,
        nodes: [
            Node(
                name: "conv",
                operation: .convolution(
                    Convolution(
                        inputChannels: 3, outputChannels: 8, kernelSize: 3, stride: 2, bias: true,
                        padding: .init(all: 1))), inputs: ["image"], stage: 0),
            Node(name: "relu", operation: .relu, inputs: ["conv"], stage: 0),
            Node(name: "pool", operation: .globalAveragePool, inputs: ["relu"], stage: 0),
            Node(
                name: "classifier", operation: .linear(inputFeatures: 8, outputFeatures: 4), inputs: ["pool"],
                stage: 1),
        ], outputs: .init(logits: "classifier", embedding: "pool", featureMap: "relu"))

    /// A network of fixed weights, ready to train in single precision without weight decay.
    static func network(seed: UInt64 = 1, _ change: (inout TrainingConfiguration) -> Void) throws -> TrainableNetwork {
        let network = try TrainableNetwork(
            graph: graph,
            weights: [
                "conv.weight": TinyNetwork.random(shape: [8, 3, 3, 3], seed: seed),
                "conv.bias": TinyNetwork.random(shape: [8], seed: seed + 1),
                "classifier.weight": TinyNetwork.random(shape: [4, 8], seed: seed + 2),
                "classifier.bias": TinyNetwork.random(shape: [4], seed: seed + 3),
            ])
        var configuration = TrainingConfiguration()
        configuration.precision = .float32
        configuration.weightDecay = 0
        change(&configuration)
        try network.beginTraining(configuration, classWeights: nil)
        return network
    }
}
