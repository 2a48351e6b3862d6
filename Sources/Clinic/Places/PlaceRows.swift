import Foundation

/// Cities.
public protocol PlaceRows {
    func countPlaces() throws -> Int
    func insert(_ places: [Place]) throws
    func place(_ id: Int64) throws -> Place?
    /// Places whose name or local name begins so, without regard to case and accents, the most populous first; then those
    /// whose name is nearly so (see `PlaceSpelling`).
    func places(matching: String, limit: Int) throws -> [Place]
    /// Stores other names of places, as written by people there.
    func insert(placeNames: [PlaceName]) throws
    /// The places nearest to a point, nearest first.
    func places(near: GeoPosition, limit: Int) throws -> [Place]
}

/// Postcodes.
public protocol PostcodeRows {
    /// Whether all postcodes of an edition of the file were stored.
    func hasPostcodes(ofEdition edition: Int64) throws -> Bool
    /// Stores postcodes in place of those of the same code and country.
    func store(_ postcodes: [Postcode], edition: Int64) throws
    /// Removes those of other editions, and notes that this one, a number from 0 on, is whole.
    func finishPostcodes(edition: Int64, at: Date) throws
    /// Every row that a code, as it is compared, is or begins with, of all countries; none before a first edition is whole,
    /// when some countries may be missing.
    func postcodes(beginning code: String) throws -> [Postcode]
}
