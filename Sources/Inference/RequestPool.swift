import Synchronization

/// A fixed number of requests, lent to one task each, first come, first served.
final class RequestPool: Sendable {
    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<InferenceRequest, any Error>
    }

    private struct State {
        var idle: [InferenceRequest]
        var waiting: [Waiter] = []
        var nextNumber: UInt64 = 0
        /// Tasks cancelled before they came to wait.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>
    private let maximumWaiting: Int

    /// - Parameters:
    ///   - requests: at least one.
    ///   - maximumWaiting: how many tasks may wait.
    init(_ requests: [InferenceRequest], maximumWaiting: Int) {
        state = Mutex(State(idle: requests))
        self.maximumWaiting = maximumWaiting
    }

    /// Lends a request; the caller gives it back with `release`.
    /// - Throws: `CancellationError` when the task is cancelled while it waits, `InferenceError` with `.overloaded`.
    func acquire() async throws -> InferenceRequest {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        // No handler runs once withTaskCancellationHandler has returned, so nothing of this task stays behind.
        defer { state.withLock { state in _ = state.cancelled.remove(number) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(Waiter(number: number, continuation: continuation))
            }
        } onCancel: {
            cancel(number)
        }
    }

    /// Gives a request back, to the first that waits.
    func release(_ request: InferenceRequest) {
        let next = state.withLock { state -> Waiter? in
            if state.waiting.isEmpty {
                state.idle.append(request)
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.continuation.resume(returning: request)
    }

    private func enqueue(_ waiter: Waiter) {
        let answer = state.withLock { state -> Result<InferenceRequest, any Error>? in
            if state.cancelled.remove(waiter.number) != nil { return .failure(CancellationError()) }
            if let request = state.idle.popLast() { return .success(request) }
            if state.waiting.count >= maximumWaiting {
                return .failure(
                    InferenceError(.overloaded, "\(maximumWaiting) images wait already: try again later"))
            }
            state.waiting.append(waiter)
            return nil
        }
        if let answer { waiter.continuation.resume(with: answer) }
    }

    private func cancel(_ number: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            if let index = state.waiting.firstIndex(where: { $0.number == number }) {
                return state.waiting.remove(at: index)
            }
            state.cancelled.insert(number)
            return nil
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}
