import Foundation

/// Makes of the cells of an image the evidence that leukaemia is in it.
///
/// A cell counts as blast-like by `σ((evidence − limit) / softness)`: soft, because at another laboratory the order of cells
/// carries over better than any threshold. The share of blast-like cells among the white cells, drawn towards
/// `usualShare` where there are few cells, the mean and the highest evidence, and the blast-like cells for the area of the
/// image are weighed to log-odds. The interval comes from that of the share (Wilson 1927), so it narrows with the number of
/// cells.
public struct FieldModel: Sendable, Equatable, Codable {
    /// Log-odds of a cell at which it counts half.
    public var limit: Double
    /// Log-odds; the larger, the more a count of cells it becomes.
    public var softness: Double
    /// The share of blast-like cells that is assumed before any cell is seen.
    public var usualShare: Double
    /// For how many cells that assumption counts.
    public var assumedCells: Double
    /// Weights of the log-odds of the share, of the highest evidence, and of the logarithm of one more than the blast-like
    /// cells for a hundred red-cell areas.
    public var shareWeight: Double
    public var highestWeight: Double
    public var densityWeight: Double
    public var intercept: Double

    public init(
        limit: Double = 0, softness: Double = 1.5, usualShare: Double = 0.2, assumedCells: Double = 2,
        shareWeight: Double = 1, highestWeight: Double = 0, densityWeight: Double = 1, intercept: Double = 0
    ) {
        (self.limit, self.softness, self.usualShare) = (limit, softness, usualShare)
        (self.assumedCells, self.shareWeight) = (assumedCells, shareWeight)
        (self.highestWeight, self.densityWeight, self.intercept) = (highestWeight, densityWeight, intercept)
    }

    /// What the evidence of an image is made of.
    public typealias Summary = CellFindings.Counts

    /// Counts softly how many of the cells look like blasts.
    /// - Parameters:
    ///   - cells: Evidence of each cell, and for how much of a white cell it counts, 0 to 1.
    ///   - area: Of the image, in hundreds of red-cell areas.
    public func summary(_ cells: [(evidence: Double, weight: Double)], area: Double) -> Summary {
        let blastLike = cells.map { $0.weight * Self.sigmoid(($0.evidence - limit) / softness) }
        let white = cells.filter { $0.weight > 0.5 }
        return Summary(
            cells: cells.reduce(0) { $0 + $1.weight }, blastLike: blastLike.reduce(0, +),
            highest: white.map(\.evidence).max(), area: area)
    }

    /// The evidence with its interval; without cells that of the assumption, with an interval that says nothing.
    public func evidence(_ summary: Summary) -> FieldEvidence {
        let total = Int(summary.cells.rounded())
        let interval = CountedShare(count: min(summary.blastLike, Double(total)), total: total).interval
        return FieldEvidence(
            logOdds: logOdds(summary, blastLike: summary.blastLike),
            lower: total == 0 ? -.infinity : logOdds(summary, blastLike: interval.lowerBound * summary.cells),
            upper: total == 0 ? .infinity : logOdds(summary, blastLike: interval.upperBound * summary.cells),
            cells: total)
    }

    /// The evidence of the images of one sample together: their cells are pooled, and the interval is widened by as much as the
    /// images differ more than their counts explain (Kish's design effect from the variance between images), never narrowed.
    ///
    /// - Parameter summaries: One an image, of one sample, read by this model.
    public func evidence(ofCase summaries: [Summary]) -> FieldEvidence {
        let pooled = Summary.pooled(summaries)
        let total = Int(pooled.cells.rounded())
        guard total > 0 else { return evidence(pooled) }
        let share = CountedShare(
            count: pooled.blastLike / pooled.cells * Double(total) / Self.designEffect(summaries),
            total: max(1, Int((Double(total) / Self.designEffect(summaries)).rounded())))
        let interval = share.interval
        return FieldEvidence(
            logOdds: logOdds(pooled, blastLike: pooled.blastLike),
            lower: logOdds(pooled, blastLike: interval.lowerBound * pooled.cells),
            upper: logOdds(pooled, blastLike: interval.upperBound * pooled.cells), cells: total)
    }

    /// How many times the variance of the pooled share is that of a plain count, at least 1.
    public static func designEffect(_ summaries: [Summary]) -> Double {
        let seen = summaries.filter { $0.cells >= 1 }
        let cells = seen.reduce(0) { $0 + $1.cells }
        let share = seen.reduce(0) { $0 + $1.blastLike } / max(cells, 1)
        let expected = share * (1 - share) / max(cells, 1)
        guard seen.count > 1, expected > 0 else { return 1 }
        // The variance of a ratio of sums over images (Cochran 1977, 6.13).
        let squares = seen.reduce(0) { $0 + pow($1.blastLike - share * $1.cells, 2) }
        let count = Double(seen.count)
        return max(1, squares * count / (count - 1) / (cells * cells) / expected)
    }

    private func logOdds(_ summary: Summary, blastLike: Double) -> Double {
        intercept + zip(features(summary, blastLike: blastLike), weights).map(*).reduce(0, +)
    }

    /// What the weights weigh; for fitting them.
    public func features(_ summary: Summary) -> [Double] { features(summary, blastLike: summary.blastLike) }

    private var weights: [Double] { [shareWeight, highestWeight, densityWeight] }

    private func features(_ summary: Summary, blastLike: Double) -> [Double] {
        let share = (blastLike + assumedCells * usualShare) / (summary.cells + assumedCells)
        let density = blastLike / max(summary.area, 0.01)
        return [log(share / (1 - share)), summary.highest ?? limit, log(1 + density)]
    }

    /// 0 to 1.
    public static func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
}

extension CellFindings.Counts {
    /// Those of several images together.
    static func pooled(_ all: [Self]) -> Self {
        Self(
            cells: all.reduce(0) { $0 + $1.cells }, blastLike: all.reduce(0) { $0 + $1.blastLike },
            highest: all.compactMap(\.highest).max(), area: all.reduce(0) { $0 + $1.area })
    }
}

/// The evidence that there is leukaemia in an image, from its cells alone.
public struct FieldEvidence: Sendable, Equatable {
    /// 0 where either is as likely.
    public let logOdds: Double
    /// The 95 % interval that comes of the number of cells; infinite without any.
    public let lower: Double
    public let upper: Double
    /// White cells that it rests on.
    public let cells: Int

    public init(logOdds: Double, lower: Double, upper: Double, cells: Int) {
        (self.logOdds, self.lower, self.upper, self.cells) = (logOdds, lower, upper, cells)
    }

    /// 0 to 1.
    public var probability: Double { FieldModel.sigmoid(logOdds) }
    /// The interval as probabilities.
    public var interval: ClosedRange<Double> { FieldModel.sigmoid(lower)...FieldModel.sigmoid(upper) }
}
