import Randomness

/// An interval that a figure lies in with a stated confidence. In JSON: `[lower, upper]`.
public struct ConfidenceInterval: Sendable, Equatable, Codable {
    public let lower: Double
    public let upper: Double

    public init(lower: Double, upper: Double) { (self.lower, self.upper) = (lower, upper) }

    public init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        lower = try values.decode(Double.self)
        upper = try values.decode(Double.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(lower)
        try values.encode(upper)
    }
}

/// Percentile intervals from resampling whole groups with replacement.
///
/// Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, sections 13.3 (percentile interval) and 8.6
/// (resampling the independent units). Images of one group are not independent, so the groups are drawn.
public struct GroupBootstrap: Sendable {
    /// Number of resamples.
    public let resamples: Int
    /// Starts the pseudo-random sequence; the intervals are deterministic for a seed.
    public let seed: UInt64
    /// Share of the resampled figures inside the interval.
    public let confidence: Double

    public init(resamples: Int = 1000, seed: UInt64 = 20_210_423, confidence: Double = 0.95) {
        precondition(resamples > 0 && confidence > 0 && confidence < 1, "no such bootstrap")
        (self.resamples, self.seed, self.confidence) = (resamples, seed, confidence)
    }

    /// Intervals of several figures from the same resamples.
    ///
    /// - Parameters:
    ///   - groups: The group of each row, `[N]`.
    ///   - figures: Computes the figures of a resample from how often each row counts, `[N]`; `nil` for a figure that
    ///     the resample does not define. Always the same number of figures.
    /// - Returns: One interval a figure; `nil` where there are fewer than two groups or under half of the resamples
    ///   define the figure.
    public func intervals(groups: [String], figures: ([Int]) -> [Double?]) -> [ConfidenceInterval?] {
        var indices: [String: Int] = [:]
        var members: [[Int]] = []
        for (row, group) in groups.enumerated() {
            if let index = indices[group] {
                members[index].append(row)
            } else {
                indices[group] = members.count
                members.append([row])
            }
        }
        var generator = SplitMix64(seed: seed)
        var samples: [[Double]] = []
        for _ in 0..<resamples {
            var counts = Array(repeating: 0, count: groups.count)
            for _ in members {
                for row in members[generator.next(below: members.count)] { counts[row] += 1 }
            }
            let values = figures(counts)
            if samples.isEmpty { samples = Array(repeating: [], count: values.count) }
            for (index, value) in values.enumerated() {
                if let value { samples[index].append(value) }
            }
        }
        return samples.map { values in
            guard members.count > 1, values.count * 2 >= resamples else { return nil }
            let sorted = values.sorted()
            let tail = (1 - confidence) / 2
            return ConfidenceInterval(
                lower: Self.quantile(tail, of: sorted), upper: Self.quantile(1 - tail, of: sorted))
        }
    }

    /// Linear interpolation between order statistics (Hyndman and Fan, The American Statistician 50 (1996), type 7).
    static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        let position = share * Double(sorted.count - 1)
        let below = Int(position)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
