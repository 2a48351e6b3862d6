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

    /// - Throws: `TrainingError` when a weight is missing or has another shape than the graph declares.
    public init(graph: Graph, weights: [String: Tensor]) throws {
        self.graph = graph
        self.parameterShapes = graph.parameterShapes
        self.handle = try Self.create(graph)
        do {
            try setTensors(weights, kind: CTValue)
        } catch {
            ct_network_free(handle)
            throw error
        }
    }

    deinit { ct_network_free(handle) }

    /// Sets the threads that libtorch uses, for the whole process, and readies its memory.
    public static func prepare(threads: Int) { ct_prepare(Int32(threads)) }

    /// Whether the processor multiplies bfloat16 in hardware.
    public static var hasBFloat16: Bool { ct_has_bfloat16() == 1 }

    /// The version of libtorch.
    public static var libraryVersion: String { String(cString: ct_version()) }

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
            default: TrainingError(.library, "libtorch: \(text)")
            }
        }
    }
}
