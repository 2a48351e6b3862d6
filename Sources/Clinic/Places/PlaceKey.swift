/// A name of a town as it is compared, with what the search sorts it by.
public struct PlaceKey: Sendable, Equatable {
    /// In which order a list of names is kept and filled.
    public enum Order: Sendable, CaseIterable {
        /// By the name, for searches by its beginning.
        case name
        /// By the population, for the largest towns.
        case population
        /// By the last three letters, for misspelt beginnings; of names that `PlaceSpelling` compares.
        case ending
    }

    /// `FoldedText.line` of the name, not empty, at most `PlaceSpelling.longest` letters.
    public let name: String
    public let placeID: Int64
    public let population: Int64

    /// - Returns: Nil for a name without letters.
    public init?(_ name: String, of placeID: Int64, population: Int64) {
        let folded = FoldedText.line(name)
        guard !folded.isEmpty else { return nil }
        self.name = String(String.UnicodeScalarView(folded.unicodeScalars.prefix(PlaceSpelling.longest)))
        (self.placeID, self.population) = (placeID, population)
    }

    /// The names of one town, each once.
    static func all(of town: PlaceFile.Town) -> [PlaceKey] {
        var seen: Set<String> = []
        return ([town.place.name] + town.names).compactMap {
            PlaceKey($0, of: town.place.id, population: town.place.population)
        }.filter { seen.insert($0.name).inserted }
    }

    /// The letters that a misspelt name is compared by; nil where it is not.
    public var letters: [UInt8]? { PlaceSpelling.letters(name) }
}

extension [PlaceKey] {
    /// Where those are that a list has, in its order.
    func indices(in order: PlaceKey.Order) -> [Int32] {
        // Eight bytes that decide nearly always; the rest is compared where they are equal.
        var ranks: [(rank: UInt64, index: Int32)] = []
        ranks.reserveCapacity(count)
        for index in indices {
            if let rank = self[index].rank(in: order) { ranks.append((rank, Int32(index))) }
        }
        ranks.sort { first, second in
            if first.rank != second.rank { return first.rank < second.rank }
            let (one, other) = (self[Int(first.index)], self[Int(second.index)])
            if one.name.utf8.elementsEqual(other.name.utf8) { return one.placeID < other.placeID }
            return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        }
        return ranks.map(\.index)
    }
}

extension PlaceKey {
    /// Nil for a name that the list does not have.
    fileprivate func rank(in order: Order) -> UInt64? {
        switch order {
        case .name: Self.number(name.utf8.prefix(8), width: 8)
        case .population: UInt64(max(0, population))
        case .ending:
            letters.map { Self.number(PlaceSpelling.tail($0).utf8, width: 3) << 8 | UInt64($0.count) }
        }
    }

    /// Bytes as a number of the same order.
    private static func number(_ bytes: some Collection<UInt8>, width: Int) -> UInt64 {
        let number = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return number << UInt64(8 * (width - bytes.count))
    }
}
