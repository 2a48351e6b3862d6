import CCurl
import Foundation
import NativeCalls
import Offloading

/// Sends spans to a collector: OTLP, JSON over HTTP, with libcurl on a thread of its own.
///
/// Nobody waits for it. What a collector does not take is tried once more and then dropped, and so is what does not fit into the
/// queue; each is told to the log, and no more than once a round.
public final class OTLPExporter: Sendable {
    /// Spans of one message.
    private static let batch = 512
    /// Bytes; a collector that says more is none.
    private static let maximumAnswer = 1_000_000
    private let url: String
    private let version: String
    private let queue: SpanQueue
    private let interval: Duration
    private let timeoutSeconds: Int
    private let report: @Sendable (String) -> Void
    /// Its own, so that a collector that does not answer holds up nothing else.
    private let thread = BlockingThreads(name: "leukoscope.telemetry", count: 1)

    /// - Parameters:
    ///   - endpoint: Such as `http://127.0.0.1:4318`; `/v1/traces` is put behind where it has no path.
    ///   - version: Of this program.
    ///   - queue: Where the spans wait.
    ///   - interval: How often it sends.
    ///   - timeoutSeconds: How long a collector may take for a message.
    ///   - report: Gets what went wrong, for the log.
    /// - Throws: `TelemetryError.configuration` for another kind of address, or plain HTTP to another machine.
    public init(
        endpoint: String, version: String, queue: SpanQueue, interval: Duration = .seconds(5), timeoutSeconds: Int = 5,
        report: @escaping @Sendable (String) -> Void
    ) throws {
        guard var parts = URLComponents(string: endpoint), let scheme = parts.scheme,
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.query == nil, parts.fragment == nil
        else {
            throw TelemetryError(.configuration, "The endpoint of spans must look like http://127.0.0.1:4318.")
        }
        guard scheme == "https" || host == "localhost" || cc_address_is_here(host) == 1 else {
            throw TelemetryError(
                .configuration, "Spans go to another machine over https alone, or to a collector on this one.")
        }
        if parts.path.isEmpty || parts.path == "/" { parts.path = "/v1/traces" }
        guard let url = parts.string else {
            throw TelemetryError(.configuration, "The endpoint of spans must look like http://127.0.0.1:4318.")
        }
        (self.url, self.version, self.queue, self.interval) = (url, version, queue, interval)
        (self.timeoutSeconds, self.report) = (timeoutSeconds, report)
    }

    /// Sends until the task is cancelled, and then what is left, once.
    public func run() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: interval) } catch { break }
            await flush()
        }
        // In a task of its own: one that is cancelled would send nothing.
        await Task.detached { await self.flush(attempts: 1) }.value
    }

    /// Sends what waits, up to the first message that is not taken.
    private func flush(attempts: Int = 2) async {
        let dropped = queue.takeDropped()
        if dropped > 0 { report("\(dropped) spans were dropped: more came than the collector took") }
        while case let spans = queue.take(Self.batch), !spans.isEmpty {
            do { try await send(spans, attempts: attempts) } catch {
                report("\(spans.count) spans were dropped: \(error)")
                return
            }
        }
    }

    private func send(_ spans: [FinishedSpan], attempts: Int) async throws {
        if attempts > 1 {
            do { return try await send(spans, attempts: 1) } catch {
                return try await send(spans, attempts: attempts - 1)
            }
        }
        let bytes = try OTLPMessage(spans, version: version).bytes().map { CChar(bitPattern: $0) }
        try await thread.run { [url, timeoutSeconds] in
            try Native.call {
                cc_post(
                    url, "Content-Type: application/json", nil, bytes, bytes.count, Self.maximumAnswer, timeoutSeconds,
                    $0)
            } orThrow: { _, reason in
                TelemetryError(.notTaken, "the collector at \(url) did not take them: \(reason)")
            }
        }
    }
}
