import Synchronization

/// Lets in so much at once, first come, first served: requests of a network, screenings, decoded bytes.
public final class Gate: Sendable {
    /// How full the gate is.
    public struct Load: Sendable, Equatable {
        /// What is inside, in the gate's unit.
        public var running: Int
        /// How many wait for their turn.
        public var waiting: Int
        /// How many were turned away since the start.
        public var refused: Int

        /// The memberwise initialiser.
        public init(running: Int = 0, waiting: Int = 0, refused: Int = 0) {
            (self.running, self.waiting, self.refused) = (running, waiting, refused)
        }
    }

    /// Too many wait already.
    public struct Full: Error {}

    private struct Waiter {
        let ticket: UInt64
        let amount: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var load = Load()
        var waiters: [Waiter] = []
        var nextTicket: UInt64 = 0
        /// Tickets cancelled before they came to wait.
        var cancelled: Set<UInt64> = []
    }

    private let capacity: Int
    private let maximumWaiting: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: How much may be inside, at least 1.
    ///   - maximumWaiting: How many may wait.
    public init(capacity: Int, maximumWaiting: Int = .max) {
        self.capacity = max(1, capacity)
        self.maximumWaiting = max(0, maximumWaiting)
    }

    /// How full the gate is now.
    public var load: Load { state.withLock { $0.load } }

    /// Whether one that came now would be turned away.
    public var isFull: Bool { state.withLock { $0.load.running >= capacity && $0.load.waiting >= maximumWaiting } }

    /// Runs an operation inside.
    ///
    /// - Parameters:
    ///   - amount: What it takes; more than the capacity is let in alone.
    ///   - operation: What to run.
    /// - Throws: As `enter`, and what the operation throws.
    public func run<Value: Sendable>(
        _ amount: Int = 1, _ operation: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await enter(amount)
        defer { leave(amount) }
        try Task.checkCancellation()
        return try await operation()
    }

    /// Goes in when its turn comes; who went in leaves with the same amount.
    ///
    /// - Throws: `Full` at once when too many wait, `CancellationError` when the task is cancelled while it waits.
    public func enter(_ amount: Int = 1) async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        // No handler runs once withTaskCancellationHandler has returned, so nothing of this task stays behind.
        defer { state.withLock { state in _ = state.cancelled.remove(ticket) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(Waiter(ticket: ticket, amount: counted(amount), continuation: continuation))
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    /// Goes out, which lets in those whose turn it is.
    public func leave(_ amount: Int = 1) {
        let admitted = state.withLock { state in
            state.load.running -= counted(amount)
            return admit(&state)
        }
        for waiter in admitted { waiter.continuation.resume() }
    }

    private func counted(_ amount: Int) -> Int { min(max(0, amount), capacity) }

    /// Takes out of the line, in order, those who fit.
    private func admit(_ state: inout State) -> ArraySlice<Waiter> {
        var running = state.load.running
        let admitted = state.waiters.prefix { waiter in
            guard running + waiter.amount <= capacity else { return false }
            running += waiter.amount
            return true
        }
        state.waiters.removeFirst(admitted.count)
        state.load.running = running
        state.load.waiting = state.waiters.count
        return admitted
    }

    private func enqueue(_ waiter: Waiter) {
        let answer = state.withLock { state -> Result<Void, any Error>? in
            if state.cancelled.remove(waiter.ticket) != nil { return .failure(CancellationError()) }
            if state.waiters.isEmpty, state.load.running + waiter.amount <= capacity {
                state.load.running += waiter.amount
                return .success(())
            }
            guard state.waiters.count < maximumWaiting else {
                state.load.refused += 1
                return .failure(Full())
            }
            state.waiters.append(waiter)
            state.load.waiting += 1
            return nil
        }
        if let answer { waiter.continuation.resume(with: answer) }
    }

    private func cancel(_ ticket: UInt64) {
        let (cancelled, admitted) = state.withLock { state -> (Waiter?, ArraySlice<Waiter>) in
            guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else {
                state.cancelled.insert(ticket)
                return (nil, [])
            }
            let waiter = state.waiters.remove(at: index)
            // One that takes much may have held up others that fit.
            return (waiter, admit(&state))
        }
        cancelled?.continuation.resume(throwing: CancellationError())
        for waiter in admitted { waiter.continuation.resume() }
    }
}
