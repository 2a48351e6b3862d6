import Offloading

/// Admits a bounded number of screenings: some at work, some waiting, and no more.
///
/// Beyond that the server answers "busy" at once, so that a rush makes some people wait and never everybody.
public final class ScreeningQueue: Sendable {
    private let gate: Gate
    private let retryAfterSeconds: Int

    /// - Parameters:
    ///   - maximumRunning: Screenings at work at the same time, at least 1.
    ///   - maximumWaiting: Screenings that may wait.
    ///   - retryAfterSeconds: What to tell those who are turned away.
    public init(maximumRunning: Int, maximumWaiting: Int, retryAfterSeconds: Int = 2) {
        gate = Gate(capacity: maximumRunning, maximumWaiting: maximumWaiting)
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// How full the queue is now.
    public var load: Gate.Load { gate.load }

    /// Whether a screening that came now would be turned away.
    public var isFull: Bool { gate.isFull }

    /// Runs an operation when its turn comes: one of each person or address in a turn, in a turn first come, first served.
    ///
    /// - Parameters:
    ///   - comer: The person or the network who asks; nil for the end of the line.
    ///   - operation: The screening.
    /// - Returns: What the operation returns.
    /// - Throws: `WebError.overloaded` at once when the queue is full, and later where most of it is this comer's and another one
    ///   comes; `CancellationError` when the waiting task is
    ///   cancelled, and what the operation throws.
    public func run<Value: Sendable>(
        for comer: String? = nil, _ operation: @Sendable () async throws -> Value
    ) async throws -> Value {
        do { return try await gate.run(1, for: comer, operation) } catch is Gate.Full {
            throw WebError(
                .overloaded, "errors.uploads.busy",
                retryAfterSeconds: retryAfterSeconds)
        }
    }
}
