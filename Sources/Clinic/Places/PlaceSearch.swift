import Foundation

/// A town that was found.
public struct PlaceFound: Sendable, Equatable {
    public let place: Place
    /// A larger town beside it, where others of the same name and country were found too.
    public let near: String?

    public init(place: Place, near: String? = nil) {
        self.place = place
        self.near = near
    }

    public var position: GeoPosition { GeoPosition(latitude: place.latitude, longitude: place.longitude) }
}

/// Finds towns by what people type.
public enum PlaceSearch {
    /// Towns shown at once.
    public static let limit = 8
    /// Towns looked through where a country is named.
    private static let countryLimit = 200
    /// Neighbours among which the largest names a town's surroundings, and how far away it may be.
    private static let neighbours = 100
    private static let neighbourKilometres = 300.0

    /// Towns of this name or beginning, the most populous first.
    ///
    /// - Parameters:
    ///   - town: A name or its beginning.
    ///   - region: What was written behind it, such as a state: those that are named with it, if there are any.
    ///   - countryCode: Only of this country.
    public static func towns(
        _ town: String, region: String? = nil, countryCode: String?, limit: Int = limit,
        in transaction: any PlaceRows
    ) throws -> [PlaceFound] {
        func named(_ name: String) throws -> [Place] {
            let places = try transaction.places(matching: name, limit: countryCode == nil ? limit : countryLimit)
            return Array(places.filter { countryCode == nil || $0.countryCode == countryCode }.prefix(limit))
        }
        let within = try region.map { try named("\(town) \($0)") } ?? []
        let places = try within.isEmpty ? named(town) : within
        let counts = Dictionary(grouping: places) { [$0.name, $0.countryCode] }.mapValues(\.count)
        return try places.map { place in
            let isAlone = counts[[place.name, place.countryCode]] == 1
            return PlaceFound(place: place, near: isAlone ? nil : try largest(beside: place, in: transaction))
        }
    }

    /// The only town that somebody can have meant: the only one found, or the only one that is called exactly so.
    public static func only(_ town: String, of found: [PlaceFound]) -> PlaceFound? {
        if found.count == 1 { return found[0] }
        let exact = found.filter { folded($0.place.name) == folded(town) }
        return exact.count == 1 ? exact[0] : nil
    }

    /// The town nearest to a point; nil where no towns are known.
    public static func nearest(to position: GeoPosition, in transaction: any PlaceRows) throws -> Place? {
        try transaction.places(near: position, limit: 1).first
    }

    private static func largest(beside place: Place, in transaction: any PlaceRows) throws -> String? {
        let position = GeoPosition(latitude: place.latitude, longitude: place.longitude)
        return try transaction.places(near: position, limit: neighbours).filter { other in
            let there = GeoPosition(latitude: other.latitude, longitude: other.longitude)
            return other.name != place.name && position.distance(to: there) <= neighbourKilometres
        }.max { $0.population < $1.population }?.name
    }

    static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}
