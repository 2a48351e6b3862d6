import Clinic

/// What places are found by, beside their number: names and positions.
enum PlaceKeys {
    /// Rows of one INSERT.
    static let batch = 200

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

    static func insert(names: [[SQLValue]], on connection: any SQLConnection) throws {
        try insert(names, "place_names (name_key, place_id, population, head, tail, letters)", on: connection)
    }

    static func insert(positions: [[SQLValue]], on connection: any SQLConnection) throws {
        try insert(positions, "place_positions (cell, place_id, latitude, longitude)", on: connection)
    }

    /// Passes over what is there: two names of a place may fold to the same.
    private static func insert(_ rows: [[SQLValue]], _ table: String, on connection: any SQLConnection) throws {
        for part in rows.parts(of: batch) {
            let row = "(" + Array(repeating: "?", count: part.first?.count ?? 0).joined(separator: ", ") + ")"
            try connection.checkedRun(
                "INSERT INTO \(table) VALUES " + Array(repeating: row, count: part.count).joined(separator: ", ")
                    + connection.dialect.passingOverPresent("place_id"), part.flatMap { $0 })
        }
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
            for var row in rows {
                last = try row.int64()
                if let name = try name(row.text(), of: last, population: row.int64()) { names.append(name) }
                positions.append(try position(of: last, latitude: row.double(), longitude: row.double()))
            }
            try insert(names: names, on: connection)
            try insert(positions: positions, on: connection)
            guard rows.count == page else { return }
        }
    }
}
