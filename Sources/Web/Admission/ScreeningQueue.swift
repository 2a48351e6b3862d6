import Synchronization

/// Admits a bounded number of screenings: some at work, some waiting, and no more.
///
/// Beyond that the server answers "busy" at once, so that a rush makes some people wait and never everybody.
public final class ScreeningQueue: Sendable {
    /// How full the queue is.
    public struct Load: Sendable, Equatable {
        /// Screenings at work.
        public var running: Int
        /// Screenings waiting for their turn.
        public var waiting: Int
        /// Screenings that were turned away since the start.
        public var refused: Int

        /// - Parameters:
        ///   - running: Screenings at work.
        ///   - waiting: Screenings waiting for their turn.
        ///   - refused: Screenings that were turned away since the start.
        public init(running: Int = 0, waiting: Int = 0, refused: Int = 0) {
            self.running = running
            self.waiting = waiting
            self.refused = refused
        }
    }

    private struct State {
        var load = Load()
        var nextTicket: UInt64 = 0
        var waiters: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Tickets cancelled before their continuation was stored.
        var cancelled: Set<UInt64> = []
    }

    private let maximumRunning: Int
    private let maximumWaiting: Int
    private let retryAfterSeconds: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumRunning: Screenings at work at the same time, at least 1.
    ///   - maximumWaiting: Screenings that may wait.
    ///   - retryAfterSeconds: What to tell those who are turned away.
    public init(maximumRunning: Int, maximumWaiting: Int, retryAfterSeconds: Int = 2) {
        self.maximumRunning = max(1, maximumRunning)
        self.maximumWaiting = max(0, maximumWaiting)
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// How full the queue is now.
    public var load: Load { state.withLock { $0.load } }

    /// Whether a screening that came now would be turned away.
    public var isFull: Bool { state.withLock { isFull($0.load) } }

    private func isFull(_ load: Load) -> Bool { load.running >= maximumRunning && load.waiting >= maximumWaiting }

    /// Runs an operation when its turn comes, first come first served.
    ///
    /// - Parameter operation: The screening.
    /// - Returns: What the operation returns.
    /// - Throws: `WebError.overloaded` at once when the queue is full, `CancellationError` when the waiting task is
    ///   cancelled, and what the operation throws.
    public func run<Value: Sendable>(_ operation: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        try Task.checkCancellation()
        return try await operation()
    }

    private enum Entry { case running, waiting(UInt64), refused }

    private func enter() async throws {
        let entry: Entry = state.withLock { state in
            if state.load.running < maximumRunning {
                state.load.running += 1
                return .running
            }
            if isFull(state.load) {
                state.load.refused += 1
                return .refused
            }
            state.load.waiting += 1
            state.nextTicket += 1
            return .waiting(state.nextTicket)
        }
        switch entry {
        case .running: return
        case .refused:
            throw WebError(.overloaded, "errors.uploads.busy", retryAfterSeconds: retryAfterSeconds)
        case .waiting(let ticket):
            let admitted = await withTaskCancellationHandler {
                await withCheckedContinuation { store($0, for: ticket) }
            } onCancel: {
                cancel(ticket)
            }
            if !admitted { throw CancellationError() }
        }
    }

    private func store(_ continuation: CheckedContinuation<Bool, Never>, for ticket: UInt64) {
        let answer: Bool? = state.withLock { state in
            if state.cancelled.remove(ticket) != nil {
                state.load.waiting -= 1
                return false
            }
            // A place may have become free between taking the ticket and arriving here.
            if state.load.running < maximumRunning && state.waiters.isEmpty {
                state.load.waiting -= 1
                state.load.running += 1
                return true
            }
            state.waiters.append((ticket, continuation))
            return nil
        }
        if let answer { continuation.resume(returning: answer) }
    }

    private func cancel(_ ticket: UInt64) {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else {
                // Either not stored yet, or admitted already; an admitted ticket is forgotten when it leaves.
                state.cancelled.insert(ticket)
                return nil
            }
            state.load.waiting -= 1
            return state.waiters.remove(at: index).continuation
        }
        waiter?.resume(returning: false)
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiters.isEmpty else {
                state.load.running -= 1
                // Nobody waits with a stored continuation; tickets cancelled after admission need not be remembered.
                if state.load.waiting == 0 { state.cancelled.removeAll() }
                return nil
            }
            state.load.waiting -= 1
            return state.waiters.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
