import Clinic
import Synchronization

/// Tells within this process that something about a case changed, so that pages which show it follow at once.
///
/// A hint and no record: whoever hears it reads the rows. Changes that another node made are not heard here.
public final class CaseChanges: Sendable {
    private struct State {
        var nextNumber = 0
        var listeners: [CaseID: [Int: AsyncStream<Void>.Continuation]] = [:]
        /// When each screening at work was taken up.
        var started: [ScreeningID: ContinuousClock.Instant] = [:]
        /// Seconds that a screening takes, an average in which the last ones weigh most.
        var pace: Double?
    }

    private let state = Mutex(State())

    public init() {}

    /// Says that a case changed.
    public func publish(_ id: CaseID) {
        let listeners = state.withLock { $0.listeners[id].map { Array($0.values) } ?? [] }
        for listener in listeners { listener.yield() }
    }

    /// Passes on what a worker did, and learns from it how long a screening takes.
    public func observe(_ event: WorkerEvent, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            switch event {
            case .began(let record): state.started[record.id] = now
            case .finished(let record, _):
                guard let start = state.started.removeValue(forKey: record.id) else { break }
                let seconds = start.duration(to: now) / .seconds(1)
                state.pace = state.pace.map { 0.8 * $0 + 0.2 * seconds } ?? seconds
            case .failed(let record, _): state.started[record.id] = nil
            case .interrupted(let record, _): if let record { state.started[record.id] = nil }
            }
        }
        if let id = event.caseID { publish(id) }
    }

    /// Seconds that a screening takes on this node; nil before the first.
    public var secondsPerScreening: Double? { state.withLock { $0.pace } }

    /// Listens to the changes of a case until the stream is let go.
    ///
    /// - Parameters:
    ///   - id: The case.
    ///   - interval: An element comes at least this often, so that the listener can look for changes by other nodes.
    /// - Returns: One element after each change; several changes before the listener comes round are one element.
    public func changes(of id: CaseID, atLeastEvery interval: Duration) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let ticker = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: interval)
                continuation.yield()
            }
        }
        let number = state.withLock { state in
            state.nextNumber += 1
            state.listeners[id, default: [:]][state.nextNumber] = continuation
            return state.nextNumber
        }
        continuation.onTermination = { [weak self] _ in
            ticker.cancel()
            self?.forget(number, of: id)
        }
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
