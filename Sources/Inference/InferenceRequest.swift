import COpenVINO
import Dispatch
import Packaging

/// One request of the compiled network: an input and three outputs at batch 1, run asynchronously.
///
/// `@unchecked Sendable`: a request belongs to one task at a time. `RequestPool` hands it over under its lock; between
/// `ov_infer_request_start_async` and the resumed continuation only the runtime's thread and then `queue` touch it, each
/// after the other (the runtime publishes its results before it calls back, the queue before it resumes).
final class InferenceRequest: @unchecked Sendable {
    private let network: CompiledNetwork
    private let request: OpaquePointer
    private let description: ModelDescription
    private let stages: [ModelDescription.Stage]
    private let queue: DispatchQueue
    /// The C API keeps this pointer, not a copy of what it points to.
    private let callback: UnsafeMutablePointer<ov_callback_t>
    private var continuation: Continuation?

    /// - Parameters:
    ///   - network: Kept alive as long as the request.
    ///   - description: The names and sizes of the outputs.
    ///   - stages: Results inside the network that are outputs of `network` and wanted.
    ///   - queue: Where results are copied out.
    init(
        network: CompiledNetwork, description: ModelDescription, stages: [ModelDescription.Stage], queue: DispatchQueue
    ) throws {
        (self.network, self.description, self.stages, self.queue) = (network, description, stages, queue)
        request = try network.makeRequest()
        callback = .allocate(capacity: 1)
        callback.initialize(to: ov_callback_t(callback_func: nil, args: nil))
    }

    deinit {
        ov_infer_request_free(request)
        callback.deinitialize(count: 1)
        callback.deallocate()
    }

    /// Runs the network once. The calling task is suspended, its thread is not blocked.
    /// - Parameter tensor: `[3, height, width]`; the caller has checked the count.
    func run(_ tensor: [Float]) async throws -> NetworkOutput {
        try fill(tensor)
        return try await withCheckedThrowingContinuation { continuation in
            self.continuation = continuation
            start()
        }
    }

    private func fill(_ tensor: [Float]) throws {
        try withTensor("the input", { ov_infer_request_get_input_tensor(request, $0) }) { data, count in
            guard count == tensor.count else {
                throw InferenceError(.wrongShape, "the input takes \(count) values, not \(tensor.count)")
            }
            tensor.withUnsafeBufferPointer { source in
                if let base = source.baseAddress { data.update(from: base, count: count) }
            }
        }
    }

    /// The callback holds the one reference that keeps this object alive while the runtime works.
    private func start() {
        let reference = Unmanaged.passRetained(self)
        callback.pointee = ov_callback_t(
            callback_func: { argument in
                guard let argument else { return }
                let reference = Unmanaged<InferenceRequest>.fromOpaque(argument)
                reference.takeUnretainedValue().queue.async { InferenceRequest.finish(reference) }
            }, args: reference.toOpaque())
        do {
            try OpenVINO.check(
                ov_infer_request_set_callback(request, callback), .runFailed, "the network cannot be called")
            try OpenVINO.check(ov_infer_request_start_async(request), .runFailed, "the network cannot be started")
        } catch {
            reference.release()
            let waiting = continuation
            continuation = nil
            waiting?.resume(throwing: error)
        }
    }

    /// The C callback brings no error, and OpenVINO completes the request only after the callback has returned; so the
    /// callback hops to a queue, and this waits the few microseconds until the request is over and says how it ended.
    ///
    /// The reference is given up before the task goes on: were it the last, the network would be freed here, while the
    /// program that got its answer ends and the runtime's own objects are destroyed.
    private static func finish(_ reference: Unmanaged<InferenceRequest>) {
        let (waiting, result) = reference.takeUnretainedValue().finished()
        reference.release()
        waiting?.resume(with: result)
    }

    private typealias Continuation = CheckedContinuation<NetworkOutput, any Error>

    private func finished() -> (Continuation?, Result<NetworkOutput, any Error>) {
        defer { continuation = nil }
        let result = Result {
            try OpenVINO.check(ov_infer_request_wait(request), .runFailed, "the network failed")
            return NetworkOutput(
                logits: try output(description.outputs.logits), embedding: try output(description.outputs.embedding),
                featureMap: try output(description.outputs.featureMap), stages: try stages.map { try output($0.tensor) }
            )
        }
        return (continuation, result)
    }

    private func output(_ name: String) throws -> [Float] {
        try withTensor(name, { ov_infer_request_get_tensor(request, name, $0) }) { data, count in
            Array(UnsafeBufferPointer(start: data, count: count))
        }
    }

    /// Lends the values of a tensor of the request.
    private func withTensor<Value>(
        _ name: String, _ get: (UnsafeMutablePointer<OpaquePointer?>) -> ov_status_e,
        _ body: (UnsafeMutablePointer<Float>, Int) throws -> Value
    ) throws -> Value {
        let tensor = try OpenVINO.create("\(name) has no tensor", get)
        defer { ov_tensor_free(tensor) }
        var count = 0
        var data: UnsafeMutableRawPointer?
        try OpenVINO.check(ov_tensor_get_size(tensor, &count), .runFailed, "\(name) has no size")
        try OpenVINO.check(ov_tensor_data(tensor, &data), .runFailed, "\(name) has no data")
        guard let data else { throw InferenceError(.runFailed, "\(name) has no data") }
        return try body(data.assumingMemoryBound(to: Float.self), count)
    }
}
