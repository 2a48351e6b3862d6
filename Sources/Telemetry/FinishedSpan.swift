import Synchronization
import Tracing

/// A piece of work that has ended: what, when, and within what.
///
/// Names and attributes hold identifiers and figures, never what an image shows or whose it is.
public struct FinishedSpan: Sendable {
    /// 16 random bytes as 32 hexadecimal digits, the same for all of one piece of work.
    public let traceID: String
    /// 8 random bytes as 16 hexadecimal digits.
    public let spanID: String
    /// The span within which it began; nil for the outermost.
    public let parentID: String?
    public let name: String
    public let kind: SpanKind
    /// Nanoseconds since 1970 UTC.
    public let start: UInt64
    /// Nanoseconds since 1970 UTC, not before `start`.
    public let end: UInt64
    public let attributes: SpanAttributes
    public let status: SpanStatus?
}

/// Spans on their way to the collector: no more than so many, whoever waits for whom.
public final class SpanQueue: Sendable {
    private struct State: ~Copyable {
        var waiting: [FinishedSpan] = []
        var dropped = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: Spans that may wait; one more is dropped, and counted.
    public init(capacity: Int = 4096) { self.capacity = capacity }

    /// Never waits.
    func add(_ span: FinishedSpan) {
        state.withLock { state in
            if state.waiting.count < capacity { state.waiting.append(span) } else { state.dropped += 1 }
        }
    }

    /// Takes the oldest.
    public func take(_ count: Int) -> [FinishedSpan] {
        state.withLock { state in
            defer { state.waiting.removeFirst(min(count, state.waiting.count)) }
            return Array(state.waiting.prefix(count))
        }
    }

    /// Spans that were dropped since this was asked last.
    public func takeDropped() -> Int {
        state.withLock { state in
            defer { state.dropped = 0 }
            return state.dropped
        }
    }
}
