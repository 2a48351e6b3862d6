import Formats

/// Writes metrics in the Prometheus text exposition format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
public struct PrometheusText: Sendable {
    /// The media type of the format.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The kinds of metric that are written.
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    /// One value with its labels.
    public struct Sample: Sendable {
        let labels: [(name: String, value: String)]
        let value: Double

        /// - Parameters:
        ///   - labels: Label names and values, in the order to write them.
        ///   - value: The sample's value.
        public init(_ labels: [(name: String, value: String)] = [], value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// The text so far.
    public private(set) var text = ""

    public init() {}

    /// Adds a metric family of counters or gauges.
    ///
    /// - Parameters:
    ///   - name: The family's name, with its unit.
    ///   - help: One line for people.
    ///   - kind: Counter or gauge.
    ///   - samples: The values.
    public mutating func add(_ name: String, help: String, kind: Kind, samples: [Sample]) {
        header(name, help: help, kind: kind)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    /// Adds a histogram with cumulative buckets, sum and count.
    ///
    /// - Parameters:
    ///   - name: The family's name, with its unit.
    ///   - help: One line for people.
    ///   - histogram: The observations.
    public mutating func add(_ name: String, help: String, histogram: Histogram) {
        add(name, help: help, histograms: [([], histogram)])
    }

    /// Adds histograms of one name, each with its labels.
    public mutating func add(
        _ name: String, help: String, histograms: [(labels: [(name: String, value: String)], histogram: Histogram)]
    ) {
        header(name, help: help, kind: .histogram)
        for (labels, histogram) in histograms {
            var cumulative = 0
            for (bound, count) in zip(histogram.bounds, histogram.counts) {
                cumulative += count
                line("\(name)_bucket", labels + [("le", Self.number(bound))], Double(cumulative))
            }
            line("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
            line("\(name)_sum", labels, histogram.sum)
            line("\(name)_count", labels, Double(histogram.count))
        }
    }

    private mutating func header(_ name: String, help: String, kind: Kind) {
        let help = help.escaping(["\\": "\\\\", "\n": "\\n"])
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += list.isEmpty ? "\(name) \(Self.number(value))\n" : "\(name){\(list)} \(Self.number(value))\n"
    }

    private static func escaped(_ value: String) -> String {
        value.escaping(["\\": "\\\\", "\"": "\\\"", "\n": "\\n"])
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

/// Counts of observations in ranges, as Prometheus means it.
public struct Histogram: Sendable {
    /// Upper bounds of the ranges, ascending; one more range holds everything above.
    public let bounds: [Double]
    /// Observations in each bounded range (not cumulative).
    public private(set) var counts: [Int]
    /// All observations.
    public private(set) var count = 0
    /// The sum of all observed values.
    public private(set) var sum = 0.0

    /// - Parameter bounds: Upper bounds of the ranges, ascending.
    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = bounds.map { _ in 0 }
    }

    /// Adds one observation.
    public mutating func observe(_ value: Double) {
        if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
        count += 1
        sum += value
    }
}
