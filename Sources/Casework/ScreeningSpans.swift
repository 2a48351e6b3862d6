import Clinic
import Findings
import Tracing

/// The spans of a screening, for whoever collects them: the whole, and within it `decode`, `preprocess`, `cells`, `infer` and `store`.
///
/// Reading an image runs on threads of its own, where no span is current; its parts measure themselves for the page "where the time
/// went", and become spans of the same lengths up to the moment when the reading was done: `decode`, `preprocess`, then `infer` and
/// `cells` beside each other, as they run.
public enum ScreeningSpans {
    /// When the screening that runs began, in nanoseconds of the epoch.
    @TaskLocal private static var began: UInt64 = 0

    /// Runs a screening within a span of its own.
    ///
    /// - Parameters:
    ///   - id: Of one of the queue; nil for one that is not stored and that somebody waits for.
    /// - Throws: What `work` throws.
    public static func screening<Value: Sendable>(
        _ id: ScreeningID? = nil, _ work: () async throws -> Value
    ) async throws -> Value {
        try await withSpan("screening", ofKind: id == nil ? .server : .consumer) { span in
            if let id { span.attributes["screening.id"] = id.text }
            return try await $began.withValue(DefaultTracerClock.now.nanosecondsSinceEpoch) { try await work() }
        }
    }

    /// Notes the parts of a reading that is just done.
    public static func read(_ outcome: ScreeningOutcome) {
        func length(_ milliseconds: Double) -> UInt64 { UInt64(max(0, milliseconds) * 1e6) }
        let timings = outcome.timings
        let (decode, preprocess) = (length(timings.decodeMs), length(timings.preprocessMs))
        let (infer, cells) = (length(timings.inferenceMs), length(timings.cellsMs ?? 0))
        let end = DefaultTracerClock.now.nanosecondsSinceEpoch
        let start = max(began, end - min(end, decode + preprocess + max(infer, cells)))
        let together = start + decode + preprocess
        for (name, from, length) in [
            ("decode", start, decode), ("preprocess", start + decode, preprocess), ("infer", together, infer),
            ("cells", together, cells),
        ] where length > 0 {
            let span = startSpan(name, at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: min(from, end)))
            span.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: min(from + length, end)))
        }
    }

    /// Runs what writes pictures and rows.
    static func storing<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        try await withSpan("store") { _ in try await work() }
    }
}
