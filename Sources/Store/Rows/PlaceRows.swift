import Clinic

extension SQLTransaction {
    private static let columns = "id, name, country_code, latitude, longitude, population"
    /// Rows of one INSERT.
    private static let batch = 100

    func countPlaces() throws -> Int {
        try connection.number("SELECT COUNT(*) FROM places")
    }

    func insert(_ places: [Place]) throws {
        for start in stride(from: 0, to: places.count, by: Self.batch) {
            let part = places[start..<min(start + Self.batch, places.count)]
            let row = "(?, ?, ?, ?, ?, ?, ?)"
            let values = part.flatMap { place -> [SQLValue] in
                [
                    .integer(place.id), .text(place.name), .text(place.countryCode), .real(place.latitude),
                    .real(place.longitude), .integer(place.population), .text(FoldedText.line(place.name)),
                ]
            }
            try connection.checkedRun(
                "INSERT INTO places (\(Self.columns), name_key) VALUES "
                    + Array(repeating: row, count: part.count).joined(separator: ", "), values)
        }
    }

    func place(_ id: Int64) throws -> Place? {
        try connection.first("SELECT \(Self.columns) FROM places WHERE id = ?", id).map(Self.place)
    }

    func places(matching beginning: String, limit: Int) throws -> [Place] {
        let key = FoldedText.line(beginning)
        guard !key.isEmpty else { return [] }
        return try connection.query(
            """
            SELECT \(Self.columns) FROM places WHERE name_key >= ? AND name_key < ? \
            ORDER BY population DESC, id LIMIT ?
            """,
            key, FoldedText.end(ofPrefix: key), limit
        ).map(Self.place)
    }

    private static func place(_ row: SQLRow) throws -> Place {
        var row = row
        return Place(
            id: try row.int64(), name: try row.text(), countryCode: try row.text(), latitude: try row.double(),
            longitude: try row.double(), population: try row.int64())
    }
}
