import CTorch
import NativeCalls
import Networks
import Tensors

/// A `Graph` in libtorch's hands, with its weights, ready to train and to answer.
///
/// Not `Sendable`: one thread at a time. Images are `[N, C, H, W]`, flattened row-major.
public final class TrainableNetwork {
    /// The graph it was made of.
    public let graph: Graph
    /// Names and shapes of the trained parameters and running statistics.
    public let parameterShapes: [String: [Int]]
    let handle: OpaquePointer
    /// The processes that train it; the native network knows them too, so they are kept as long as it.
    let group: ProcessGroup

    /// - Parameter group: The processes that train the network together, each with a part of every batch. They all begin with
    ///   the weights of process 0.
    /// - Throws: `TrainingError` when a weight is missing or has another shape than the graph declares.
    public init(graph: Graph, weights: [String: Tensor], group: ProcessGroup = .alone) throws {
        self.graph = graph
        self.group = group
        self.parameterShapes = graph.parameterShapes
        self.handle = try Self.create(graph)
        try setTensors(weights, kind: CTValue)  // where it throws, `deinit` frees the network
        if let others = group.handle { ct_network_join(handle, others) }
        try broadcast()
    }

    deinit { ct_network_free(handle) }

    /// Sets the threads that libtorch uses, for the whole process, and readies its memory.
    public static func prepare(threads: Int) { ct_prepare(Int32(threads)) }

    /// Whether the processor multiplies bfloat16 in hardware.
    public static var hasBFloat16: Bool { ct_has_bfloat16() == 1 }

    /// Which copy of the weights is meant.
    public enum Weights: Sendable {
        case current
        /// The exponential moving average over the steps.
        case average
    }

    /// All parameters and running statistics.
    public func weights(_ which: Weights = .current) throws -> [String: Tensor] {
        try tensors(kind: which == .average ? CTAverage : CTValue, names: Array(parameterShapes.keys))
    }

    /// Replaces all parameters and running statistics.
    public func setWeights(_ weights: [String: Tensor]) throws { try setTensors(weights, kind: CTValue) }

    /// Gives every process the weights of process 0, so that what processors round differently does not add up.
    func broadcast() throws { try Self.check { ct_network_broadcast(handle, $0) } }

    /// Names of the tensors that the optimiser moves, running statistics left out.
    var trainedNames: [String] {
        parameterShapes.keys.filter { !$0.hasSuffix(".running_mean") && !$0.hasSuffix(".running_var") }.sorted()
    }

    func tensors(kind: Int, names: [String]) throws -> [String: Tensor] {
        var result: [String: Tensor] = [:]
        for name in names {
            guard let shape = parameterShapes[name] else { continue }
            result[name] = try tensor(name, kind: kind, shape: kind == CTSteps ? [1] : shape)
        }
        return result
    }

    func tensor(_ name: String, kind: Int, shape: [Int]) throws -> Tensor {
        var tensor = Tensor(shape: shape, repeating: 0)
        try Self.check {
            ct_network_get(handle, name, Int32(kind), &tensor.values, Int64(tensor.values.count), $0)
        }
        return tensor
    }

    func setTensors(_ tensors: [String: Tensor], kind: Int, names: [String]? = nil) throws {
        for name in names ?? Array(parameterShapes.keys) {
            guard let tensor = tensors[name] else {
                throw TrainingError(.run, "the weights lack \(name), which \(graph.name) needs")
            }
            let expected = kind == CTSteps ? [1] : parameterShapes[name]
            guard tensor.shape == expected else {
                throw TrainingError(.run, "\(name) has the shape \(tensor.shape), where \(expected ?? []) is needed")
            }
            try Self.check { ct_network_set(handle, name, Int32(kind), tensor.values, Int64(tensor.values.count), $0) }
        }
    }

    static func check(_ call: (Native.ErrorText) -> CSStatus) throws(TrainingError) {
        try Native.call(call) { status, text in
            switch status {
            case CSRefused: TrainingError(.configuration, text)
            case CSNotFinite: TrainingError(.notFinite, text)
            case CSUnreachable:
                TrainingError(
                    .processes,
                    "another process of the training ended or cannot be reached (\(text)); start all of them again")
            default: TrainingError(.library, "libtorch: \(text)")
            }
        }
    }
}

/// What the network answers for a batch of N images.
public struct BatchOutput: Sendable {
    /// `[N, classes]`, before softmax.
    public let logits: Tensor
    /// `[N, E]`.
    public let embedding: Tensor
}

/// What the network answers for a batch of N images, with the map that its evidence is read from.
public struct FeatureOutput: Sendable {
    /// `[N, classes]`, before softmax.
    public let logits: Tensor
    /// `[N, E]`.
    public let embedding: Tensor
    /// `[N, E, h, w]`, the last feature map.
    public let featureMap: Tensor
}

extension TrainableNetwork {
    /// Logits and embeddings in evaluation mode; `batch.labels` only counts the images.
    public func forward(_ batch: Batch, weights: Weights = .current, bfloat16: Bool = false) throws -> BatchOutput {
        let output = try run(
            batch, weights: weights, bfloat16: bfloat16, logits: [graph.classCount], embedding: [graph.embeddingSize])
        return BatchOutput(logits: output.logits, embedding: output.embedding)
    }

    /// Logits, embeddings and feature maps in evaluation mode; `batch.labels` only counts the images.
    /// - Throws: `TrainingError`, and `NetworkError` for a size of image that does not fit the graph.
    public func features(_ batch: Batch) throws -> FeatureOutput {
        let shapes = try graph.shapes(inputHeight: batch.height, inputWidth: batch.width)
        return try run(
            batch, logits: [graph.classCount], embedding: [graph.embeddingSize],
            features: shapes[graph.outputs.featureMap] ?? [])
    }

    /// The graph's `embedding` of each image, whatever its shape, in evaluation mode and single precision.
    /// - Parameter size: Numbers an image.
    /// - Returns: `[N, size]`.
    public func codes(_ batch: Batch, size: Int) throws -> [[Float]] {
        try run(batch, embedding: [size]).embedding.rows
    }

    /// Runs the network in evaluation mode; an output without a shape is not copied.
    private func run(
        _ batch: Batch, weights: Weights = .current, bfloat16: Bool = false, logits: [Int] = [0],
        embedding: [Int] = [0], features: [Int] = [0]
    ) throws -> FeatureOutput {
        var logits = Tensor(shape: [batch.count] + logits, repeating: 0)
        var embedding = Tensor(shape: [batch.count] + embedding, repeating: 0)
        var map = Tensor(shape: [batch.count] + features, repeating: 0)
        try Self.check {
            ct_forward(
                handle, batch.images, Int64(batch.count), Int64(graph.inputChannels), Int64(batch.height),
                Int64(batch.width), weights == .average ? 1 : 0, bfloat16 ? 1 : 0, &logits.values,
                Int64(logits.values.count), &embedding.values, Int64(embedding.values.count), &map.values,
                Int64(map.values.count), $0)
        }
        return FeatureOutput(logits: logits, embedding: embedding, featureMap: map)
    }
}

extension Graph {
    /// Classes that the last layer tells apart.
    public var classCount: Int { linearShape(of: outputs.logits)?.outputs ?? 0 }
    /// Length of the embedding.
    public var embeddingSize: Int { linearShape(of: outputs.logits)?.inputs ?? 0 }

    private func linearShape(of name: String) -> (inputs: Int, outputs: Int)? {
        for case .linear(let inputs, let outputs) in nodes.filter({ $0.name == name }).map(\.operation) {
            return (inputs, outputs)
        }
        return nil
    }
}
