/// Agreement of two readers beyond chance, unweighted.
///
/// Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960), 37–46;
/// the variance is that of Fleiss, Cohen and Everitt, "Large sample standard errors of kappa and weighted kappa",
/// Psychological Bulletin 72 (1969), 323–327, equation 13 (for κ ≠ 0).
public struct CohensKappa: Sendable, Equatable {
    /// 1 for complete agreement, 0 for what chance alone gives, below 0 for less than that.
    public let value: Double
    /// Share of the images on which both agree.
    public let observed: Double
    /// The share that chance would give with these margins.
    public let expected: Double
    /// The large-sample standard error.
    public let standardError: Double
    /// Images that both read.
    public let total: Int

    /// - Parameter matrix: Rows are one reader, columns the other.
    /// - Returns: Nil where κ is not defined: no image, or both readers only ever use the same one class.
    public init?(_ matrix: ConfusionMatrix) {
        let total = matrix.total
        guard total > 0 else { return nil }
        let share = matrix.counts.map { $0.map { Double($0) / Double(total) } }
        let classes = share.indices
        let rows = classes.map { share[$0].reduce(0, +) }
        let columns = classes.map { index in share.reduce(0) { $0 + $1[index] } }
        let observed = classes.reduce(0) { $0 + share[$1][$1] }
        let expected = classes.reduce(0) { $0 + rows[$1] * columns[$1] }
        guard 1 - expected > 1e-12 else { return nil }
        let kappa = (observed - expected) / (1 - expected)
        var variance = 0.0
        for row in classes {
            for column in classes {
                let margins = columns[row] + rows[column]
                let term = row == column ? 1 - margins * (1 - kappa) : (1 - kappa) * margins
                variance += share[row][column] * term * term
            }
        }
        let correction = kappa - expected * (1 - kappa)
        variance -= correction * correction
        value = kappa
        (self.observed, self.expected, self.total) = (observed, expected, total)
        standardError = (max(0, variance) / Double(total)).squareRoot() / (1 - expected)
    }

    /// The 95 % interval κ ± 1.96 standard errors, within −1…1; nil where the formula gives no width, as for complete
    /// agreement, which on few images proves little.
    public var interval95: ConfidenceInterval? {
        guard standardError > 1e-9 else { return nil }
        let reach = 1.959_963_984_540_054 * standardError
        return ConfidenceInterval(lower: max(-1, value - reach), upper: min(1, value + reach))
    }
}
