import Foundation

/// An upper limit of a mean of shares that holds with 95 % confidence, whatever their distribution and however few.
///
/// People are independent, fields of one person are not: so each person gives one number from 0 to 1, the share of their
/// fields that were wrong, and the limit is that of the mean over people. It is the bound of Hoeffding and Bentkus as Bates,
/// Angelopoulos, Lei, Malik and Jordan write it ("Distribution-free, risk-controlling prediction sets", Journal of the ACM 68
/// (2021), section 3.1): a mean of `m` or more is refused where
/// `min(exp(−n·h(r, m)), e·P[Bin(n, m) ≤ ⌈n·r⌉]) ≤ 0.05`, with `r` the observed mean of `n` people and
/// `h(a, b) = a·ln(a/b) + (1−a)·ln((1−a)/(1−b))`. With no error at all it is the exact limit of a count, `1 − 0.05^(1/n)`.
public enum ShareBound {
    /// How often the limit may be wrong.
    public static let level = 0.05
    /// The most people that are asked for.
    static let maximumUnits = 100_000

    /// The limit that the mean lies below.
    ///
    /// - Parameters:
    ///   - mean: Of the shares, 0 to 1.
    ///   - units: Independent ones, such as people.
    /// - Returns: `mean` to 1; 1 for none.
    public static func upper(mean: Double, units: Int) -> Double {
        guard units > 0 else { return 1 }
        var (low, high) = (min(max(mean, 0), 1), 1.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if logProbability(mean: mean, units: units, ofMean: middle) <= log(level) {
                high = middle
            } else {
                low = middle
            }
        }
        return high
    }

    /// How many units there must be for the limit to lie at or below another one, if their mean stays what it is.
    ///
    /// - Returns: Nil where no number would do, because the mean itself is not below.
    public static func unitsNeeded(mean: Double, below limit: Double) -> Int? {
        guard mean < limit, limit > 0 else { return nil }
        var high = 1
        while upper(mean: mean, units: high) > limit {
            high *= 2
            guard high <= maximumUnits else { return nil }
        }
        var low = high / 2
        while low + 1 < high {
            let middle = (low + high) / 2
            if upper(mean: mean, units: middle) <= limit { high = middle } else { low = middle }
        }
        return high
    }

    /// The logarithm of a bound on how probable so small a mean is, where the true one is `m`.
    private static func logProbability(mean: Double, units: Int, ofMean m: Double) -> Double {
        let n = Double(units)
        guard m > mean else { return 0 }
        guard m < 1 else { return -.infinity }
        let hoeffding = -n * (term(mean, m) + term(1 - mean, 1 - m))
        // Rounded up, but not by what the sum of shares lost to rounding.
        let count = min(units, Int((n * mean - 1e-9).rounded(.up)))
        return min(hoeffding, 1 + logBinomial(atMost: count, of: units, m))
    }

    private static func term(_ a: Double, _ b: Double) -> Double { a <= 0 ? 0 : a * log(a / b) }

    /// `ln P[Bin(n, m) ≤ count]`, for `0 < m < 1`.
    private static func logBinomial(atMost count: Int, of n: Int, _ m: Double) -> Double {
        guard count < n else { return 0 }
        var (current, logs): (Double, [Double]) = (Double(n) * log1p(-m), [])
        for k in 0...max(count, 0) {
            if k > 0 { current += log(Double(n - k + 1) / Double(k)) + log(m) - log1p(-m) }
            logs.append(current)
        }
        let greatest = logs.max() ?? 0
        return greatest + log(logs.reduce(0) { $0 + exp($1 - greatest) })
    }
}
