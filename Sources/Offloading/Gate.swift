import Synchronization

/// Lets in so much at once, first come, first served: requests of a network, screenings, decoded bytes.
///
/// Those who say who they are go by turns: one of each comer in a turn, in a turn the first to come. Where too many wait, the last of
/// whoever has the most in the line makes room for one who would have fewer.
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
        let comer: String?
        var turn: UInt64 = 0
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var load = Load()
        /// By their turns.
        var waiters: [Waiter] = []
        /// That of whoever was let in out of the line last.
        var turn: UInt64 = 0
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
    ///   - comer: Who asks, for turns; nil for the end of the line.
    ///   - operation: What to run.
    /// - Throws: As `enter`, and what the operation throws.
    public func run<Value: Sendable>(
        _ amount: Int = 1, for comer: String? = nil, _ operation: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await enter(amount, for: comer)
        defer { leave(amount) }
        try Task.checkCancellation()
        return try await operation()
    }

    /// Goes in when its turn comes; who went in leaves with the same amount.
    ///
    /// - Throws: `Full` at once when too many wait, and later when another comer needs the place; `CancellationError` when the task is cancelled while it waits.
    public func enter(_ amount: Int = 1, for comer: String? = nil) async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        // No handler runs once withTaskCancellationHandler has returned, so nothing of this task stays behind.
        defer { state.withLock { state in _ = state.cancelled.remove(ticket) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(
                    Waiter(ticket: ticket, amount: counted(amount), comer: comer, continuation: continuation))
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
        if let last = admitted.last { state.turn = max(state.turn, last.turn) }
        state.waiters.removeFirst(admitted.count)
        state.load.running = running
        state.load.waiting = state.waiters.count
        return admitted
    }

    private func enqueue(_ waiter: Waiter) {
        let (answer, displaced) = state.withLock { state -> (Result<Void, any Error>?, Waiter?) in
            if state.cancelled.remove(waiter.ticket) != nil { return (.failure(CancellationError()), nil) }
            if state.waiters.isEmpty, state.load.running + waiter.amount <= capacity {
                state.load.running += waiter.amount
                return (.success(()), nil)
            }
            var displaced: Waiter?
            if state.waiters.count >= maximumWaiting {
                state.load.refused += 1
                guard let index = Self.displaceable(by: waiter.comer, in: state.waiters) else {
                    return (.failure(Full()), nil)
                }
                displaced = state.waiters.remove(at: index)
            }
            Self.place(waiter, in: &state)
            state.load.waiting = state.waiters.count
            return (nil, displaced)
        }
        displaced?.continuation.resume(throwing: Full())
        if let answer { waiter.continuation.resume(with: answer) }
    }

    /// Puts somebody into the line: a turn after the last of the same comer, or into the next turn; who does not say who they are at
    /// the end.
    private static func place(_ waiter: Waiter, in state: inout State) {
        var waiter = waiter
        let own = state.waiters.last { $0.comer == waiter.comer }?.turn
        waiter.turn =
            waiter.comer == nil ? state.waiters.last?.turn ?? state.turn : max(own ?? 0, state.turn) + 1
        let place = state.waiters.firstIndex { $0.turn > waiter.turn } ?? state.waiters.endIndex
        state.waiters.insert(waiter, at: place)
    }

    /// The last of the comer who has most in the line, if that is more than another one would have with one more.
    private static func displaceable(by comer: String?, in waiters: [Waiter]) -> Int? {
        guard let comer else { return nil }
        let counts = Dictionary(grouping: waiters.compactMap(\.comer)) { $0 }.mapValues(\.count)
        guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            most.value > counts[comer, default: 0] + 1
        else { return nil }
        return waiters.lastIndex { $0.comer == most.key }
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
