/// A postcode that was found.
public struct PostcodeFound: Sendable, Equatable {
    public let postcode: Postcode
    /// The nearest town; nil where no towns are known.
    public let nearest: Place?

    /// The town or locality, else the town nearest to it.
    public var name: String { postcode.label.isEmpty ? nearest?.name ?? "" : postcode.label }
}

/// Finds where postcodes are.
public enum PostcodeSearch {
    /// What a postcode can mean.
    public struct Answer: Sendable, Equatable {
        /// One a country, in the order of the countries' codes.
        public let found: [PostcodeFound]
        /// Whether none is of the country that was named, so that these have to be asked about.
        public let isElsewhere: Bool

        public init(found: [PostcodeFound], isElsewhere: Bool) {
            self.found = found
            self.isElsewhere = isElsewhere
        }
    }

    /// Every country's place of this postcode.
    ///
    /// A country written with it decides. Where the code is not known there, those of other countries are told: “90210, CA”
    /// is written in California, and CA is Canada.
    public static func places(
        for query: PostcodeQuery, in transaction: any PostcodeRows & PlaceRows
    ) throws -> Answer {
        for reading in query.readings {
            let found = try places(reading.code, countryCode: reading.countryCode, in: transaction)
            if !found.isEmpty { return Answer(found: found, isElsewhere: false) }
        }
        guard query.town == nil, let reading = query.readings.first, reading.countryCode != nil else {
            return Answer(found: [], isElsewhere: false)
        }
        return Answer(found: try places(reading.code, countryCode: nil, in: transaction), isElsewhere: true)
    }

    /// The place of a code, as it is compared, in one country or in each.
    public static func places(
        _ code: String, countryCode: String?, in transaction: any PostcodeRows & PlaceRows
    ) throws -> [PostcodeFound] {
        var longest: [String: Postcode] = [:]
        for postcode in try transaction.postcodes(beginning: code) where postcode.isMeant(by: code) {
            guard countryCode == nil || countryCode == postcode.countryCode else { continue }
            if longest[postcode.countryCode]?.code.utf8.count ?? 0 < postcode.code.utf8.count {
                longest[postcode.countryCode] = postcode
            }
        }
        return try longest.values.sorted { $0.countryCode < $1.countryCode }.map {
            PostcodeFound(postcode: $0, nearest: try PlaceSearch.nearest(to: $0.position, in: transaction))
        }
    }
}
