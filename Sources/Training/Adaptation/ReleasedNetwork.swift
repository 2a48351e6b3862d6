import Networks
import Packaging
import Tensors

/// The network of a model package, ready to be trained on: its batch normalisations are folded, as in the package.
struct ReleasedNetwork {
    let graph: Graph
    let weights: [String: Tensor]

    /// - Throws: `TrainingError` for an architecture that this version does not know, or `NetworkError`.
    init(_ package: ModelPackage) throws {
        let description = package.description
        guard let architecture = Architecture(rawValue: description.architecture) else {
            throw TrainingError(
                .configuration,
                "the package \(description.name) holds the network \"\(description.architecture)\", which this "
                    + "version cannot build")
        }
        guard description.provenance.tool != AdaptedRelease.tool else {
            throw TrainingError(
                .configuration,
                "\(description.name) was fitted to a laboratory already; begin with the model that it was made from")
        }
        let plain = architecture.graph(
            classes: description.classes.count, inputHeight: description.input.height,
            inputWidth: description.input.width)
        // Folding needs weights; only the graph that it gives is wanted here.
        graph = try BatchNormalizationFolding.fold(plain, plain.initialWeights(seed: 0)).0
        weights = try ONNXWeights.read(package.networkURL, graph: graph)
    }
}
