import Findings
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
    public struct Summary: Sendable, Equatable {
        /// White cells; what looks like platelets, smudges or nucleated red cells counts less than one.
        public let cells: Double
        /// Blast-like cells among them, counted softly.
        public let blastLike: Double
        /// The highest evidence of a cell; `nil` without cells.
        public let highest: Double?
        /// The area of the image, in hundreds of red-cell areas.
        public let area: Double

        public init(cells: Double, blastLike: Double, highest: Double?, area: Double) {
            (self.cells, self.blastLike, self.highest, self.area) = (cells, blastLike, highest, area)
        }
    }

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

    static func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
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
