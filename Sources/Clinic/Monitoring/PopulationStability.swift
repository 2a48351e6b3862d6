import Foundation

/// How far a distribution has moved away from the one that it is held against: the population stability index
/// (Siddiqi 2006, Credit Risk Scorecards, chapter 9), Σ (a − r) · ln(a / r) over the shares a and r of each bin.
public struct PopulationStability: Sendable, Equatable {
    /// Siddiqi's reading of the index.
    public enum Level: String, Sendable, CaseIterable {
        /// Below 0.1: no change that matters.
        case steady
        /// 0.1 to 0.25: a change to look into.
        case shifting
        /// 0.25 and above: another population than the one that the model was validated on.
        case drifted
    }

    /// Below it the index is `steady`.
    public static let shiftingFrom = 0.1
    /// From it on the index is `drifted`.
    public static let driftedFrom = 0.25
    /// Fewer values say nothing: by chance alone the index is about (bins − 1) / values (Yurdakul 2018).
    public static let minimumCount = 100

    /// 0 or more; 0 where the distributions are alike.
    public let index: Double

    public var level: Level {
        switch index {
        case ..<Self.shiftingFrom: .steady
        case ..<Self.driftedFrom: .shifting
        default: .drifted
        }
    }

    /// - Parameters:
    ///   - reference: Counts by bin of what is held against.
    ///   - actual: Counts in the same bins.
    /// - Returns: Nil with fewer than `minimumCount` values on either side, or other bins.
    public init?(reference: [Int], actual: [Int]) {
        let (total, seen) = (reference.reduce(0, +), actual.reduce(0, +))
        guard reference.count == actual.count, reference.count > 1, total >= Self.minimumCount,
            seen >= Self.minimumCount
        else { return nil }
        // Half a value in every bin, so that an empty one makes the index large and not infinite.
        let bins = Double(reference.count)
        index = zip(reference, actual).reduce(0) { sum, pair in
            let expected = (Double(pair.0) + 0.5) / (Double(total) + bins / 2)
            let found = (Double(pair.1) + 0.5) / (Double(seen) + bins / 2)
            return sum + (found - expected) * log(found / expected)
        }
    }
}
