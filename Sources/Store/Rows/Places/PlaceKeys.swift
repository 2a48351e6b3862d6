import Clinic

/// What places are found by, beside their number: names and positions.
enum PlaceKeys {
    /// The row of a name; nil for one without letters.
    static func name(_ name: String, of place: Int64, population: Int64) -> [SQLValue]? {
        let key = FoldedText.line(name)
        guard !key.isEmpty else { return nil }
        let shown = String(String.UnicodeScalarView(key.unicodeScalars.prefix(PlaceSpelling.longest)))
        let letters = PlaceSpelling.letters(shown)
        return [
            .text(shown), .integer(place), .integer(population),
            letters.map { .text(PlaceSpelling.head($0)) } ?? .null,
            letters.map { .text(PlaceSpelling.tail($0)) } ?? .null,
            letters.map { .integer(Int64($0.count)) } ?? .null,
        ]
    }

    static func position(of place: Int64, latitude: Double, longitude: Double) -> [SQLValue] {
        let cell = GeoCells.cell(of: GeoPosition(latitude: latitude, longitude: longitude))
        return [.integer(cell), .integer(place), .real(latitude), .real(longitude)]
    }

    /// Passes over what is there: two names of a place may fold to the same.
    static func insert(names: [[SQLValue]], on connection: any SQLConnection) throws {
        try connection.insert(
            names, into: "place_names", "name_key, place_id, population, head, tail, letters",
            ending: connection.dialect.passingOverPresent("place_id"))
    }

    static func insert(positions: [[SQLValue]], on connection: any SQLConnection) throws {
        try connection.insert(
            positions, into: "place_positions", "cell, place_id, latitude, longitude",
            ending: connection.dialect.passingOverPresent("place_id"))
    }

    /// Adds what is missing of places that are there already.
    static func fillIn(on connection: any SQLConnection) throws {
        let page = 1000
        var last = Int64.min
        while true {
            let rows = try connection.query(
                "SELECT id, name, population, latitude, longitude FROM places WHERE id > ? ORDER BY id LIMIT ?", last,
                page)
            var (names, positions): ([[SQLValue]], [[SQLValue]]) = ([], [])
            for row in rows {
                last = try row["id"]
                if let name = try name(row["name"], of: last, population: row["population"]) { names.append(name) }
                positions.append(try position(of: last, latitude: row["latitude"], longitude: row["longitude"]))
            }
            try insert(names: names, on: connection)
            try insert(positions: positions, on: connection)
            guard rows.count == page else { return }
        }
    }
}
