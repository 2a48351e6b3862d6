import Formats
import Synchronization
import Tracing

/// Makes spans (swift-distributed-tracing) and puts those that have ended into a queue.
public struct SpanTracer: Tracer {
    private let queue: SpanQueue

    public init(into queue: SpanQueue) { self.queue = queue }

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        var context = context()
        let parent = context[SpanIdentityKey.self]
        let identity = SpanIdentity(
            traceID: parent?.traceID ?? SpanIdentity.random(bytes: 16), spanID: SpanIdentity.random(bytes: 8))
        context[SpanIdentityKey.self] = identity
        return RecordedSpan(
            operationName, identity, parentID: parent?.spanID, kind: kind, context: context,
            start: instant().nanosecondsSinceEpoch, into: queue)
    }

    /// Spans leave by themselves.
    public func forceFlush() {}

    /// Nothing of a trace is believed that comes from outside.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {}

    /// Nothing of a trace is told to others.
    public func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {}
}

/// Which span a context is within.
struct SpanIdentity: Sendable, Equatable {
    let traceID: String
    let spanID: String

    static func random(bytes count: Int) -> String {
        (0..<count).map { _ in UInt8.random(in: .min ... .max) }.hexadecimal
    }
}

private enum SpanIdentityKey: InstrumentationContextKey {
    typealias Value = SpanIdentity
}

/// A span that goes on, or has ended.
public final class RecordedSpan: Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var hasEnded = false
    }

    public let context: InstrumentationContext
    private let identity: SpanIdentity
    private let parentID: String?
    private let kind: SpanKind
    private let start: UInt64
    private let queue: SpanQueue
    private let state: Mutex<State>

    init(
        _ name: String, _ identity: SpanIdentity, parentID: String?, kind: SpanKind, context: InstrumentationContext,
        start: UInt64, into queue: SpanQueue
    ) {
        (self.identity, self.parentID, self.kind, self.context) = (identity, parentID, kind, context)
        (self.start, self.queue) = (start, queue)
        state = Mutex(State(name: name))
    }

    public var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    public var isRecording: Bool { state.withLock { !$0.hasEnded } }

    public func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }

    /// Moments within a span are not kept.
    public func addEvent(_ event: SpanEvent) {}

    /// That there was an error, not its words, which may hold a name or a path.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        state.withLock { $0.status = SpanStatus(code: .error) }
    }

    public func addLink(_ link: SpanLink) {}

    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let end = instant().nanosecondsSinceEpoch
        let finished: FinishedSpan? = state.withLock { state in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return FinishedSpan(
                traceID: identity.traceID, spanID: identity.spanID, parentID: parentID, name: state.name, kind: kind,
                start: start, end: max(start, end), attributes: state.attributes, status: state.status)
        }
        if let finished { queue.add(finished) }
    }
}
