/// How well two partitions of the same things agree: 1 for the same partition, 0 on average for unrelated ones, below 0 for
/// less than chance (Hubert and Arabie, Journal of Classification 2 (1985), equation 5).
public enum AdjustedRandIndex {
    /// - Parameters:
    ///   - first: The part of each thing.
    ///   - second: The same by another partition, as many.
    /// - Returns: 1 where neither partition divides anything, or there is nothing to divide.
    public static func value<First: Hashable, Second: Hashable>(_ first: [First], _ second: [Second]) -> Double {
        precondition(first.count == second.count, "two partitions of the same things")
        func pairs(_ counts: some Sequence<Int>) -> Double {
            counts.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 }
        }
        let both = Dictionary(grouping: first.indices) { Cell(first: first[$0], second: second[$0]) }
        let together = pairs(both.values.map(\.count))
        let inFirst = pairs(Dictionary(grouping: first, by: { $0 }).values.map(\.count))
        let inSecond = pairs(Dictionary(grouping: second, by: { $0 }).values.map(\.count))
        let all = pairs([first.count])
        let expected = all > 0 ? inFirst * inSecond / all : 0
        let most = (inFirst + inSecond) / 2
        return most == expected ? 1 : (together - expected) / (most - expected)
    }

    private struct Cell<First: Hashable, Second: Hashable>: Hashable {
        let first: First
        let second: Second
    }
}
