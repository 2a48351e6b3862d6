import Clinic

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

    func insert(_ places: [Place]) throws {
        let rows = places.map { place -> [SQLValue] in
            [
                .integer(place.id), .text(place.name), .text(place.countryCode), .real(place.latitude),
                .real(place.longitude), .integer(place.population), .text(place.timeZone),
                .text(FoldedText.line(place.name)),
            ]
        }
        try connection.insert(rows, into: "places", Self.places.list + ", name_key")
        try PlaceKeys.insert(
            names: places.compactMap { PlaceKeys.name($0.name, of: $0.id, population: $0.population) }, on: connection)
        try PlaceKeys.insert(
            positions: places.map {
                PlaceKeys.position(of: $0.id, latitude: $0.latitude, longitude: $0.longitude)
            }, on: connection)
    }

    func insert(placeNames: [PlaceName]) throws {
        for part in placeNames.parts(of: 1000) {
            let populations = try populations(of: Set(part.map(\.placeID)))
            let rows = try part.compactMap { name -> [SQLValue]? in
                guard let population = populations[name.placeID] else {
                    throw ClinicError(.notFound, fault: "There is no place \(name.placeID) to give a name to.")
                }
                return PlaceKeys.name(name.name, of: name.placeID, population: population)
            }
            try PlaceKeys.insert(names: rows, on: connection)
        }
    }

    private func populations(of places: Set<Int64>) throws -> [Int64: Int64] {
        var found: [Int64: Int64] = [:]
        let list = InList(places.sorted().map(SQLValue.integer))
        for row in try connection.query(
            "SELECT id, population FROM places WHERE id IN \(list.sql)", values: list.values)
        {
            found[try row["id"]] = try row["population"] as Int64
        }
        return found
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
