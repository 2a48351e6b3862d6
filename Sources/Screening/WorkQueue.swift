import Foundation

/// A few threads for decoding and preprocessing, which would block the cooperative pool.
///
/// `@unchecked Sendable`: the queue is set up once and never changed; `OperationQueue` documents adding operations from
/// any thread as safe.
final class WorkQueue: @unchecked Sendable {
    private let queue = OperationQueue()

    /// - Parameter width: how many pieces of work run at once, which bounds the memory of decoded images.
    init(width: Int) {
        queue.name = "leukoscope.imaging"
        queue.maxConcurrentOperationCount = width
    }

    /// Begins a piece of work on one of the threads, whose outcome nobody waits for.
    func start(_ work: @escaping @Sendable () -> Void) { queue.addOperation(work) }

    /// Runs a piece of work on one of the threads.
    /// - Throws: what `work` throws; `CancellationError`.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let value = try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
        try Task.checkCancellation()
        return value
    }
}
