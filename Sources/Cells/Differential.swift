import Foundation

/// A share with its 95 % interval.
public struct CountedShare: Sendable, Equatable, Codable {
    /// How many of `total`.
    public let count: Double
    public let total: Int

    public init(count: Double, total: Int) { (self.count, self.total) = (count, total) }

    /// 0 to 1; 0 of none.
    public var share: Double { total > 0 ? count / Double(total) : 0 }

    /// The score interval of Wilson 1927, which stays within 0 and 1 for few cells; all of it where there is none.
    public var interval: ClosedRange<Double> {
        guard total > 0 else { return 0...1 }
        let (z, n) = (1.959964, Double(total))
        let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, min(share, middle - half))...min(1, max(share, middle + half))
    }
}

/// How the white cells of an image divide into types; what is not sure is a type of its own.
public struct Differential: Sendable, Equatable {
    /// The cells of each type that occurs, of all white cells.
    public let shares: [CellType: CountedShare]
    /// White cells that were counted.
    public let total: Int

    public init(_ types: [CellType]) {
        let white = types.filter(\.isWhiteCell)
        total = white.count
        shares = Dictionary(grouping: white, by: \.self)
            .mapValues { CountedShare(count: Double($0.count), total: white.count) }
    }
}
