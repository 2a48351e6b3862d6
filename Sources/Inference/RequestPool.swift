import Offloading
import Synchronization

/// A fixed number of requests, lent to one task each, first come, first served.
final class RequestPool: Sendable {
    private let gate: Gate
    private let idle: Mutex<[InferenceRequest]>
    private let maximumWaiting: Int

    /// - Parameters:
    ///   - requests: At least one.
    ///   - maximumWaiting: How many tasks may wait.
    init(_ requests: [InferenceRequest], maximumWaiting: Int) {
        gate = Gate(capacity: requests.count, maximumWaiting: maximumWaiting)
        idle = Mutex(requests)
        self.maximumWaiting = maximumWaiting
    }

    /// Lends a request for the length of an operation.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits, `InferenceError` with `.overloaded`.
    func lend<Value: Sendable>(_ body: (InferenceRequest) async throws -> Value) async throws -> Value {
        do { try await gate.enter() } catch is Gate.Full {
            throw InferenceError(.overloaded, "\(maximumWaiting) images wait already: try again later")
        }
        defer { gate.leave() }
        // Who is inside finds one: there are as many as the gate lets in.
        guard let request = idle.withLock({ $0.popLast() }) else {
            throw InferenceError(.overloaded, "no request of the network is free")
        }
        defer { idle.withLock { $0.append(request) } }
        return try await body(request)
    }
}
