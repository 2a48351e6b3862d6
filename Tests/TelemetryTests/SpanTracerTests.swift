import Foundation
import Logging
import Synchronization
import Telemetry
import Testing
import Tracing

@Suite struct SpanTracerTests {
    private struct Failure: Error {}

    @Test func `spans nest, and one that ends twice is one`() throws {
        let queue = SpanQueue()
        let tracer = SpanTracer(into: queue)
        tracer.withSpan("outer", ofKind: .server) { outer in
            outer.attributes["id"] = "x"
            tracer.withSpan("inner") { $0.end() }
        }
        #expect(throws: Failure.self) { try tracer.withSpan("failed") { _ in throw Failure() } }
        let spans = queue.take(9)
        try #require(spans.map(\.name) == ["inner", "outer", "failed"])
        let (inner, outer, failed) = (spans[0], spans[1], spans[2])
        #expect(inner.parentID == outer.spanID && inner.traceID == outer.traceID && outer.parentID == nil)
        #expect(failed.traceID != outer.traceID && failed.status?.code == .error && outer.status == nil)
        for span in spans {
            #expect(span.traceID.count == 32 && span.spanID.count == 16 && span.start <= span.end)
        }
        #expect(queue.take(9).isEmpty)
    }

    @Test func `more spans than the queue holds are dropped and counted, and nobody waits`() {
        let queue = SpanQueue(capacity: 3)
        let tracer = SpanTracer(into: queue)
        for number in 0..<10 { tracer.startSpan("\(number)").end() }
        #expect(queue.take(2).map(\.name) == ["0", "1"])
        #expect(queue.takeDropped() == 7 && queue.takeDropped() == 0)
        tracer.startSpan("later").end()
        #expect(queue.take(9).map(\.name) == ["2", "later"])
    }

    @Test(arguments: [
        "", "collector", "ftp://127.0.0.1", "http://collector.example.org", "http://a:b@127.0.0.1", "https://x/?y",
        "http://[::ffff:10.0.0.7]:4318", "http://127.0.0.1.example.org",
    ])
    func `an endpoint that is none, or in clear to another machine, is refused`(_ endpoint: String) {
        let error = #expect(throws: TelemetryError.self) {
            try OTLPExporter(endpoint: endpoint, version: "1", queue: SpanQueue()) { _ in }
        }
        #expect(error?.code == .configuration)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "[::1]", "[0:0::0001]", "[::ffff:127.0.0.1]"])
    func `a collector on this machine is taken in clear, however its address is written`(host: String) throws {
        _ = try OTLPExporter(endpoint: "http://\(host):4318", version: "1", queue: SpanQueue()) { _ in }
    }

    @Test func `a line of the log is one object with its facts`() throws {
        let box = LineBox()
        var logger = Logger(label: "leukoscope") { JSONLogHandler(label: $0) { box.add($0) } }
        logger[metadataKey: "node"] = "a"
        logger.warning("two\nlines “x”", metadata: ["id": "7", "many": ["a", "b"]])
        let written = box.lines
        try #require(written.count == 1 && written[0].hasSuffix("}\n"))
        #expect(written[0].dropLast().contains("\n") == false)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(written[0].utf8)) as? [String: Any])
        #expect(object["message"] as? String == "two\nlines “x”" && object["level"] as? String == "warning")
        #expect(object["label"] as? String == "leukoscope")
        #expect((object["facts"] as? [String: String])?["id"] == "7")
        #expect((object["facts"] as? [String: String])?["node"] == "a")
    }
}

/// What a log was written into.
private final class LineBox: Sendable {
    private let state = Mutex<[String]>([])
    var lines: [String] { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0.append(line) } }
}
