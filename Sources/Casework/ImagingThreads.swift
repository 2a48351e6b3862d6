import Foundation

/// A few threads for decoding and encoding, which would block the cooperative pool; their number bounds the memory of
/// decoded images, up to 180 MB each.
///
/// `@unchecked Sendable`: the queue is set up once and never changed; `OperationQueue` documents adding operations from
/// any thread as safe.
final class ImagingThreads: @unchecked Sendable {
    private let queue = OperationQueue()

    init(width: Int) {
        queue.name = "leukoscope.intake"
        queue.maxConcurrentOperationCount = width
    }

    /// Runs a piece of work on one of the threads.
    ///
    /// - Throws: What `work` throws; `CancellationError`.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }
}
