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

/// How the cells of an image divide into types; what is not sure is a type of its own.
public struct Differential: Sendable, Equatable, Codable {
    /// The cells of each type that occurs.
    public let counts: [CellType: Int]

    public init(_ types: [CellType]) { counts = Dictionary(types.map { ($0, 1) }, uniquingKeysWith: +) }

    /// White cells: what percentages are made of. Erythroblasts, smudges and platelets are none.
    public var total: Int { counts.reduce(0) { $0 + ($1.key.isWhiteCell ? $1.value : 0) } }

    /// A type's share of the white cells; of a type that is no white cell there is none.
    public func share(of type: CellType) -> CountedShare {
        CountedShare(count: type.isWhiteCell ? Double(counts[type, default: 0]) : 0, total: total)
    }

    public init(from decoder: any Decoder) throws {
        let named = try decoder.singleValueContainer().decode([String: Int].self)
        counts = Dictionary(
            uniqueKeysWithValues: named.compactMap { name, count in CellType(rawValue: name).map { ($0, count) } })
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }))
    }
}
