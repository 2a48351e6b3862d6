/// Which form of a sentence goes with a whole number, in the notation of Unicode CLDR (UTS #35, part 3, 5.1):
/// `["one": "i = 0 or n = 1"]`, or `["one": "n % 10 = 1 and n % 100 != 11", "few": "n % 10 = 2..4"]`. What no rule takes is
/// `other`.
struct PluralRules: Sendable {
    /// One comparison, such as `n % 10 = 2..4, 7`.
    private struct Relation: Sendable {
        /// False for what only fractions have (`v`, `w`, `f`, `t`) and for exponents (`c`, `e`): 0 in whole numbers.
        let isOfNumber: Bool
        let modulus: Int?
        let isIn: Bool
        let ranges: [ClosedRange<Int>]

        func holds(for number: Int) -> Bool {
            let value = isOfNumber ? modulus.map { number % $0 } ?? number : 0
            return ranges.contains { $0.contains(value) } == isIn
        }
    }

    /// The categories of CLDR but `other`, in the order in which they are tried.
    private static let names = ["zero", "one", "two", "few", "many"]

    /// A category holds where all relations of one of its groups do.
    private let rules: [(category: String, groups: [[Relation]])]

    /// - Parameter texts: A rule by category.
    /// - Throws: `WordingError` for a category or a rule that CLDR does not have.
    init(_ texts: [String: String]) throws {
        if let unknown = texts.keys.first(where: { !Self.names.contains($0) }) {
            throw WordingError("“\(unknown)” is no plural category; they are \(Self.names.joined(separator: ", ")).")
        }
        rules = try Self.names.compactMap { name in
            try texts[name].map { rule in
                // Behind an @ are samples.
                let condition = String(rule.prefix { $0 != "@" })
                return (
                    name,
                    try condition.split(separator: " or ", omittingEmptySubsequences: false).map { group in
                        try group.split(separator: " and ", omittingEmptySubsequences: false).map {
                            try Self.relation(String($0))
                        }
                    }
                )
            }
        }
    }

    /// Which categories have a form of their own, `other` included.
    var categories: [String] { rules.map(\.category) + ["other"] }

    /// The category of a whole number.
    func category(of number: Int) -> String {
        let number = Int(clamping: number.magnitude)
        return rules.first { $0.groups.contains { $0.allSatisfy { $0.holds(for: number) } } }?.category ?? "other"
    }

    private static func relation(_ text: String) throws -> Relation {
        let wrong = WordingError("“\(text)” is no plural rule; one is written as “n % 10 = 2..4”.")
        guard let match = text.wholeMatch(of: /\s*([nivwftce])(?:\s*%\s*(\d+))?\s*(!?=)\s*([\d., ]+?)\s*/) else {
            throw wrong
        }
        let modulus = match.2.flatMap { Int($0) }
        guard modulus != 0, (match.2 == nil) == (modulus == nil) else { throw wrong }
        let ranges = try match.4.split(separator: ",").map { part -> ClosedRange<Int> in
            let ends = part.split(separator: "..").map { Int($0.filter { $0 != " " }) }
            guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high else {
                throw wrong
            }
            return low...high
        }
        guard !ranges.isEmpty else { throw wrong }
        return Relation(
            isOfNumber: match.1 == "n" || match.1 == "i", modulus: modulus, isIn: match.3 == "=", ranges: ranges)
    }
}
