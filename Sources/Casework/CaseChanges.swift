import Clinic
import Synchronization

/// Tells within this process that something about a case changed, so that pages which show it follow at once.
///
/// A hint and no record: whoever hears it reads the rows. Changes that another node made are not heard here.
public final class CaseChanges: Sendable {
    private struct State {
        var nextNumber = 0
        var listeners: [CaseID: [Int: AsyncStream<Void>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Says that a case changed.
    public func publish(_ id: CaseID) {
        let listeners = state.withLock { $0.listeners[id].map { Array($0.values) } ?? [] }
        for listener in listeners { listener.yield() }
    }

    /// Listens to the changes of a case until the stream is let go.
    ///
    /// - Returns: One element after each change; several changes before the listener comes round are one element.
    public func changes(of id: CaseID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextNumber += 1
            state.listeners[id, default: [:]][state.nextNumber] = continuation
            return state.nextNumber
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number, of: id) }
        return stream
    }

    private func forget(_ number: Int, of id: CaseID) {
        state.withLock { state in
            state.listeners[id]?[number] = nil
            if state.listeners[id]?.isEmpty == true { state.listeners[id] = nil }
        }
    }

    /// How many listen, to any case.
    public var listenerCount: Int { state.withLock { $0.listeners.values.reduce(0) { $0 + $1.count } } }
}
