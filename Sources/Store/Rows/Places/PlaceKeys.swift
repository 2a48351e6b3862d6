import Clinic

/// The rows of lists that towns are found by, beside their number: names and positions.
enum PlaceKeys {
    /// The row of `place_names`.
    static func name(_ key: PlaceKey) -> [SQLValue] {
        let letters = key.letters
        return [
            .text(key.name), .integer(key.placeID), .integer(key.population),
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
        try insert(names, into: "place_names", "name_key, place_id, population, head, tail, letters", on: connection)
    }

    static func insert(positions: [[SQLValue]], on connection: any SQLConnection) throws {
        try insert(positions, into: "place_positions", "cell, place_id, latitude, longitude", on: connection)
    }

    /// Passes over what is there.
    static func insert(
        _ rows: [[SQLValue]], into table: String, _ columns: String, on connection: any SQLConnection
    ) throws {
        try connection.insert(
            rows, into: table, columns, ending: connection.dialect.passingOverPresent("place_id"))
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
                if let key = try PlaceKey(row["name"], of: last, population: row["population"]) {
                    names.append(name(key))
                }
                positions.append(try position(of: last, latitude: row["latitude"], longitude: row["longitude"]))
            }
            try insert(names: names, on: connection)
            try insert(positions: positions, on: connection)
            guard rows.count == page else { return }
        }
    }

    /// Fills the lists by population and by ending from the names; passes over what is there.
    static func fillInLists(on connection: any SQLConnection) throws {
        // WHERE, so that ON CONFLICT is not read as that of a join (https://www.sqlite.org/lang_upsert.html, 2.2).
        try connection.execute(
            """
            INSERT INTO place_ranks (population, name_key, place_id) \
            SELECT population, name_key, n.place_id FROM place_names n WHERE 1 = 1 ORDER BY population, name_key
            """ + connection.dialect.passingOverPresent("place_ranks.place_id"))
        try connection.execute(
            """
            INSERT INTO place_endings (tail, letters, name_key, place_id, population) \
            SELECT tail, letters, name_key, n.place_id, population FROM place_names n WHERE tail IS NOT NULL \
            ORDER BY tail, letters, name_key
            """ + connection.dialect.passingOverPresent("place_endings.place_id"))
    }
}
