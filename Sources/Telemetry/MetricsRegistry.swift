import CoreMetrics
import Synchronization

/// Keeps what is counted through swift-metrics, by this program or by a library of it, and writes it for Prometheus.
///
/// A family takes so many series and no more: what is beyond them is counted in one that says `overflow`, so that nobody who
/// makes up labels fills the memory.
public final class MetricsRegistry: MetricsFactory {
    /// What is known of a family beforehand.
    public struct Description: Sendable {
        let kind: PrometheusText.Kind
        let help: String
        let bounds: [Double]

        /// - Parameters:
        ///   - kind: Counter, gauge or histogram.
        ///   - help: One line for people.
        ///   - bounds: Of a histogram: upper bounds of its ranges, ascending.
        public init(_ kind: PrometheusText.Kind, _ help: String, bounds: [Double] = MetricsRegistry.usualBounds) {
            (self.kind, self.help, self.bounds) = (kind, help, bounds)
        }
    }

    /// Seconds.
    public static let usualBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Series of a family.
    public static let maximumSeries = 2000

    private struct Family {
        let kind: PrometheusText.Kind
        var series: [String: MetricSeries] = [:]
    }

    private let described: [String: Description]
    private let families = Mutex<[String: Family]>([:])

    /// - Parameter described: By name; those that are not here have no words of their own.
    public init(describing described: [String: Description] = [:]) {
        self.described = described
        families.withLock { families in
            for (name, description) in described { families[name] = Family(kind: description.kind) }
        }
    }

    /// Everything, by name.
    public var text: String {
        var text = PrometheusText()
        let families = families.withLock { $0 }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let series = family.series.sorted { $0.key < $1.key }.map(\.value)
            let help = described[name]?.help ?? "Told by a library."
            switch family.kind {
            case .counter, .gauge:
                let samples = series.map { PrometheusText.Sample($0.labels, value: $0.value) }
                text.add(name, help: help, kind: family.kind, samples: samples)
            case .histogram:
                text.add(name, help: help, histograms: series.map { ($0.labels, $0.histogram) })
            }
        }
        return text.text
    }

    private func series(_ label: String, _ kind: PrometheusText.Kind, _ dimensions: [(String, String)]) -> MetricSeries
    {
        let name = Self.name(label)
        let labels = dimensions.map { (name: Self.name($0.0), value: $0.1) }
        let bounds = described[name]?.bounds ?? Self.usualBounds
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            // A name of two kinds is a mistake of whoever counts: the second is kept from the text.
            guard family.kind == kind else { return MetricSeries(labels, bounds: bounds) }
            let key = "\(labels.map { [$0.name, $0.value] })"
            if let known = family.series[key] { return known }
            let isFull = family.series.count >= Self.maximumSeries
            let new = isFull ? family.series["overflow"] : nil
            let series = new ?? MetricSeries(isFull ? [("overflow", "true")] : labels, bounds: bounds)
            family.series[isFull ? "overflow" : key] = series
            families[name] = family
            return series
        }
    }

    /// As Prometheus takes names.
    private static func name(_ label: String) -> String {
        String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, .counter, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, .counter, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, aggregate ? .histogram : .gauge, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series("\(label)_seconds", .histogram, dimensions)
    }

    // What was counted stays counted: Prometheus takes a counter that is gone for a restart.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}

/// One counter, gauge or histogram with its labels.
final class MetricSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private struct State {
        var value = 0.0
        var histogram: Histogram
    }

    let labels: [(name: String, value: String)]
    private let state: Mutex<State>

    init(_ labels: [(name: String, value: String)], bounds: [Double]) {
        self.labels = labels
        state = Mutex(State(histogram: Histogram(bounds: bounds)))
    }

    var value: Double { state.withLock { $0.value } }
    var histogram: Histogram { state.withLock { $0.histogram } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { state.withLock { $0.value += amount } }
    func decrement(by amount: Double) { state.withLock { $0.value -= amount } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.value = value } }
    func reset() { set(0.0) }
    func record(_ value: Int64) { record(Double(value)) }

    /// A gauge shows the last, a histogram counts each.
    func record(_ value: Double) {
        state.withLock { state in
            state.value = value
            state.histogram.observe(value)
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
