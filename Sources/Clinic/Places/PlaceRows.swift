import Foundation

/// Towns: their rows, and lists of their names and positions that the search reads.
public protocol PlaceRows {
    func countPlaces() throws -> Int
    /// Whether all towns of an edition of the file were stored.
    func hasPlaces(ofEdition edition: Int64) throws -> Bool
    /// Notes that all towns of an edition, a number from 0 on, are there.
    func finishPlaces(edition: Int64, at: Date) throws
    /// Stores towns; those that are there stay as they are. They are found by their number alone.
    func store(towns: [Place]) throws
    /// Stores where towns are; passes over what is there.
    func store(positionsOf towns: [Place]) throws
    /// Stores names in one of the lists; passes over those that are there.
    func store(keys: [PlaceKey], in order: PlaceKey.Order) throws
    func place(_ id: Int64) throws -> Place?
    /// In the order asked for, those that are there.
    func places(_ ids: [Int64]) throws -> [Place]
    /// Places whose name or local name begins so, without regard to case and accents, the most populous first; then those
    /// whose name is nearly so (see `PlaceSpelling`).
    func places(matching: String, limit: Int) throws -> [Place]
    /// The places nearest to a point, nearest first.
    func places(near: GeoPosition, limit: Int) throws -> [Place]
}

extension PlaceRows {
    /// Stores a few towns, to be found by their own names and by where they are.
    public func insert(_ places: [Place]) throws {
        try store(towns: places)
        try store(positionsOf: places)
        try store(places.compactMap { PlaceKey($0.name, of: $0.id, population: $0.population) })
    }

    /// Stores a few other names of towns, as written by people there.
    ///
    /// - Throws: `ClinicError.notFound` where a town is not there.
    public func insert(placeNames: [PlaceName]) throws {
        let towns = try places(Array(Set(placeNames.map(\.placeID))))
        let populations = Dictionary(towns.map { ($0.id, $0.population) }) { first, _ in first }
        try store(
            placeNames.compactMap { name in
                guard let population = populations[name.placeID] else {
                    throw ClinicError(.notFound, fault: "There is no place \(name.placeID) to give a name to.")
                }
                return PlaceKey(name.name, of: name.placeID, population: population)
            })
    }

    private func store(_ keys: [PlaceKey]) throws {
        for order in PlaceKey.Order.allCases { try store(keys: keys, in: order) }
    }
}

/// Postcodes.
public protocol PostcodeRows {
    /// Whether all postcodes of an edition of the file were stored.
    func hasPostcodes(ofEdition edition: Int64) throws -> Bool
    /// Stores postcodes in place of those of the same code and country.
    func store(_ postcodes: [Postcode], edition: Int64) throws
    /// Codes and countries behind one, in their order, with whether each is of another edition.
    ///
    /// - Parameter after: The last one of the page before; nil for the first page.
    func postcodeKeys(after: PostcodeKey?, otherThan edition: Int64, limit: Int) throws -> [(
        key: PostcodeKey, isOld: Bool
    )]
    /// Removes postcodes that are of another edition.
    func remove(_ postcodes: [PostcodeKey], otherThan edition: Int64) throws
    /// Notes that an edition, a number from 0 on, is whole, and no other.
    func finishPostcodes(edition: Int64, at: Date) throws
    /// Every row that a code, as it is compared, is or begins with, of all countries; none before a first edition is whole,
    /// when some countries may be missing.
    func postcodes(beginning code: String) throws -> [Postcode]
}
