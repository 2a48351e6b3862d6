/// Milliseconds that half, nine in ten and 99 in a hundred stay within.
public struct Percentiles: Sendable, Equatable {
    public let median: Double
    public let ninetieth: Double
    public let ninetyNinth: Double

    /// By the nearest rank: each is a value that occurred.
    ///
    /// - Returns: Nil without values.
    public init?(_ values: [Double]) {
        let sorted = values.filter(\.isFinite).sorted()
        guard !sorted.isEmpty else { return nil }
        func value(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
        }
        median = value(0.5)
        ninetieth = value(0.9)
        ninetyNinth = value(0.99)
    }
}
