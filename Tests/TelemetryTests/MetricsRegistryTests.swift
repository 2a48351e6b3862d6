import CoreMetrics
import Telemetry
import Testing

@Suite struct MetricsRegistryTests {
    @Test func `counters, gauges, histograms and timers of one registry are written by name`() {
        let registry = MetricsRegistry(describing: [
            "answers_total": .init(.counter, "Answers."), "nothing_total": .init(.counter, "Nothing."),
            "wait_seconds": .init(.histogram, "Waits.", bounds: [0.1, 1]),
        ])
        for status in ["200", "200", "404"] {
            Counter(label: "answers_total", dimensions: [("status", status)], factory: registry).increment()
        }
        let wait = Recorder(label: "wait_seconds", dimensions: [], aggregate: true, factory: registry)
        for seconds in [0.05, 0.5, 5] { wait.record(seconds) }
        Gauge(label: "waiting", factory: registry).record(7)
        let active = Meter(label: "http.active", dimensions: [("http.method", "GET")], factory: registry)
        active.increment()
        active.increment()
        active.decrement()
        Timer(label: "http.duration", factory: registry).recordNanoseconds(2_500_000)
        let lines = registry.text.split(separator: "\n").map(String.init)
        for line in [
            "# HELP answers_total Answers.", "answers_total{status=\"200\"} 2", "answers_total{status=\"404\"} 1",
            "# TYPE nothing_total counter", "wait_seconds_bucket{le=\"0.1\"} 1", "wait_seconds_bucket{le=\"1\"} 2",
            "wait_seconds_bucket{le=\"+Inf\"} 3", "wait_seconds_count 3", "waiting 7",
            "http_active{http_method=\"GET\"} 1", "http_duration_seconds_bucket{le=\"0.0025\"} 1",
            "http_duration_seconds_sum 0.0025",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func `labels that somebody makes up fill no memory`() {
        let registry = MetricsRegistry()
        for number in 0..<(MetricsRegistry.maximumSeries + 500) {
            Counter(label: "made_up_total", dimensions: [("word", "\(number)")], factory: registry).increment()
        }
        let lines = registry.text.split(separator: "\n").filter { $0.hasPrefix("made_up_total{") }
        #expect(lines.count == MetricsRegistry.maximumSeries + 1)
        #expect(lines.contains("made_up_total{overflow=\"true\"} 500"))
    }

    @Test func `a name of two kinds keeps its first, and what writes the second does no harm`() {
        let registry = MetricsRegistry()
        Counter(label: "twice", factory: registry).increment()
        Gauge(label: "twice", factory: registry).record(99)
        #expect(registry.text.contains("# TYPE twice counter\ntwice 1\n"))
    }
}
