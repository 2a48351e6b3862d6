import Dispatch
import Foundation
import Packaging

/// Runs the network of a model package with OpenVINO, many images side by side.
///
/// One engine serves any number of tasks: requests at batch 1 are lent out in turn, which on a processor is faster than
/// larger batches. Loading and compiling block the caller for some hundred milliseconds.
public final class InferenceEngine: Sendable {
    /// The package whose network this runs.
    public let package: ModelPackage
    /// The arithmetic in use: f32 when the processor lacks bfloat16, whatever the package says.
    public let precision: ModelDescription.Precision
    /// The number of images in flight at once.
    public let requests: Int
    private let pool: RequestPool
    private let inputCount: Int

    /// Loads and compiles the network, and compares its inputs and outputs with the description.
    /// - Parameters:
    ///   - package: A verified package.
    ///   - options: How to use the machine.
    ///   - stagesOf: The content of the package's network, to answer also with the stages that the description names.
    ///     That takes time and memory; it is for explanations.
    /// - Throws: `InferenceError`.
    public init(
        package: ModelPackage, options: InferenceOptions = InferenceOptions(), stagesOf network: Data? = nil
    ) throws {
        let stages = network == nil ? [] : package.description.outputs.stages ?? []
        let compiled = try CompiledNetwork(package: package, options: options, network: network)
        let count = try options.requests ?? compiled.optimalRequests()
        let queue = DispatchQueue(label: "leukoscope.inference", attributes: .concurrent)
        let description = package.description
        let requests = try (0..<max(1, count)).map { _ in
            try InferenceRequest(network: compiled, description: description, stages: stages, queue: queue)
        }
        self.package = package
        self.precision = compiled.precision
        self.requests = requests.count
        self.pool = RequestPool(requests, maximumWaiting: options.maximumWaiting)
        self.inputCount = 3 * description.input.width * description.input.height
    }

    /// Runs the network on one image.
    ///
    /// The task waits its turn without blocking a thread; when it is cancelled while it waits it throws at once.
    /// - Parameter tensor: `[3, height, width]`, red first, as `PreprocessingPipeline.tensor(from:)` makes it.
    /// - Throws: `InferenceError`; `CancellationError`.
    public func infer(_ tensor: [Float]) async throws -> NetworkOutput {
        guard tensor.count == inputCount else {
            throw InferenceError(
                .wrongShape, "the network takes \(inputCount) values for an image, not \(tensor.count)")
        }
        // The runtime's ReLU turns a NaN into 0, so an input that is no number would get an answer that looks sound.
        guard tensor.isFinite else {
            throw InferenceError(.notFinite, "the network was given a value that is no number")
        }
        try Task.checkCancellation()
        let output = try await pool.lend { try await $0.run(tensor) }
        guard output.logits.allSatisfy(\.isFinite), output.embedding.allSatisfy(\.isFinite) else {
            throw InferenceError(.notFinite, "the network answered with a value that is no number")
        }
        return output
    }
}

extension [Float] {
    /// Whether no element is infinite or NaN: their exponent bits are all set. Without early exit, so that it vectorises.
    fileprivate var isFinite: Bool {
        let exponent: UInt32 = 0x7F80_0000
        return reduce(UInt32(0)) { $0 | ($1.bitPattern & exponent == exponent ? 1 : 0) } == 0
    }
}
