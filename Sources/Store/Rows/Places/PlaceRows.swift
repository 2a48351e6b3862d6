import Clinic
import Foundation

extension SQLTransaction {
    private static let places = SQLTable<Place>(
        "places", "id name country_code latitude longitude population time_zone"
    ) { row in
        try Place(
            id: row["id"], name: row["name"], countryCode: row["country_code"], latitude: row["latitude"],
            longitude: row["longitude"], population: row["population"], timeZone: row["time_zone"])
    }

    func countPlaces() throws -> Int {
        try connection.number("SELECT COUNT(*) FROM places")
    }

    func hasPlaces(ofEdition edition: Int64) throws -> Bool {
        try connection.number("SELECT COUNT(*) FROM place_editions WHERE edition = ?", edition) > 0
    }

    func finishPlaces(edition: Int64, at date: Date) throws {
        try connection.execute("DELETE FROM place_editions WHERE edition = ?", edition)
        try connection.execute("INSERT INTO place_editions (edition, loaded_at) VALUES (?, ?)", edition, date)
    }

    func store(towns: [Place]) throws {
        let rows = towns.map { place -> [SQLValue] in
            [
                .integer(place.id), .text(place.name), .text(place.countryCode), .real(place.latitude),
                .real(place.longitude), .integer(place.population), .text(place.timeZone),
                .text(FoldedText.line(place.name)),
            ]
        }
        try connection.insert(
            rows, into: "places", Self.places.list + ", name_key", ending: connection.dialect.passingOverPresent("id"))
    }

    func store(positionsOf towns: [Place]) throws {
        try PlaceKeys.insert(
            positions: towns.map {
                PlaceKeys.position(of: $0.id, latitude: $0.latitude, longitude: $0.longitude)
            }, on: connection)
    }

    func store(keys: [PlaceKey], in order: PlaceKey.Order) throws {
        switch order {
        case .name: try PlaceKeys.insert(names: keys.map(PlaceKeys.name), on: connection)
        case .population:
            try PlaceKeys.insert(
                keys.map { [.integer($0.population), .text($0.name), .integer($0.placeID)] }, into: "place_ranks",
                "population, name_key, place_id", on: connection)
        case .ending:
            let rows = keys.compactMap { key -> [SQLValue]? in
                key.letters.map {
                    [
                        .text(PlaceSpelling.tail($0)), .integer(Int64($0.count)), .text(key.name),
                        .integer(key.placeID), .integer(key.population),
                    ]
                }
            }
            try PlaceKeys.insert(
                rows, into: "place_endings", "tail, letters, name_key, place_id, population", on: connection)
        }
    }

    func place(_ id: Int64) throws -> Place? {
        try places([id]).first
    }

    /// In the order asked for.
    func places(_ ids: [Int64]) throws -> [Place] {
        guard !ids.isEmpty else { return [] }
        var found: [Int64: Place] = [:]
        for part in ids.parts(of: 256) {
            let list = InList(part.map(SQLValue.integer))
            for place in try connection.all(Self.places, "WHERE id IN \(list.sql)", values: list.values) {
                found[place.id] = place
            }
        }
        return ids.compactMap { found[$0] }
    }
}
