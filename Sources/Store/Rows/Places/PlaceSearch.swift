import Clinic

extension SQLTransaction {
    /// With more names than this that begin so, a page of the most populous is found by going through all names from the
    /// most populous down; with fewer, they are read and sorted.
    private static let fewNames = 2000
    /// Names that are compared with a misspelt one.
    private static let comparedNames = 20_000

    func places(matching beginning: String, limit: Int) throws -> [Place] {
        let key = FoldedText.line(beginning)
        guard !key.isEmpty, limit > 0 else { return [] }
        var ids = try idsByBeginning(key, limit: limit)
        if ids.count < limit {
            let present = Set(ids)
            ids += try idsNearly(key).filter { !present.contains($0) }.prefix(limit - ids.count)
        }
        return try places(ids)
    }

    /// The most populous first.
    private func idsByBeginning(_ key: String, limit: Int) throws -> [Int64] {
        let range = "name_key >= ? AND name_key < ?"
        let end = FoldedText.end(ofPrefix: key)
        let count = try connection.number(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM place_names WHERE \(range) LIMIT ?) AS found", key, end,
            Self.fewNames + 1)
        if count <= Self.fewNames {
            return try connection.query(
                """
                SELECT DISTINCT place_id, population FROM place_names\(connection.dialect.readingPrimaryKey) \
                WHERE \(range) ORDER BY population DESC, place_id LIMIT ?
                """, key, end, limit
            ).map { try $0["place_id"] }
        }
        // A place may have several names that begin so, one after another in this order.
        var (found, seen): ([Int64], Set<Int64>) = ([], [])
        var offset = 0
        let page = 4 * limit
        while found.count < limit {
            let part: [Int64] = try connection.column(
                """
                SELECT place_id FROM place_ranks\(connection.dialect.readingPrimaryKey) WHERE \(range) \
                ORDER BY population DESC LIMIT ? OFFSET ?
                """, key, end, page, offset)
            found += part.filter { seen.insert($0).inserted }
            guard part.count == page else { break }
            offset += page
        }
        return Array(found.prefix(limit))
    }

    /// Places with a name within the edits that `PlaceSpelling` allows, the nearest first, of equally near ones the most
    /// populous.
    private func idsNearly(_ key: String) throws -> [Int64] {
        guard let written = PlaceSpelling.letters(key) else { return [] }
        let edits = PlaceSpelling.allowedEdits(letters: written.count)
        guard edits > 0 else { return [] }
        var nearest: [Int64: (edits: Int, population: Int64)] = [:]
        for row in try namesToCompare(with: written, edits: edits) {
            let (name, id, population): (String, Int64, Int64) = try (
                row["name_key"], row["place_id"], row["population"]
            )
            guard let distance = PlaceSpelling.distance(written, Array(name.utf8), limit: edits) else { continue }
            if distance < nearest[id]?.edits ?? .max { nearest[id] = (distance, population) }
        }
        return nearest.sorted {
            ($0.value.edits, -$0.value.population, $0.key) < ($1.value.edits, -$1.value.population, $1.key)
        }.map(\.key)
    }

    private func namesToCompare(with written: [UInt8], edits: Int) throws -> [SQLRow] {
        let lengths: [SQLValue] = [
            .integer(Int64(written.count - edits)), .integer(Int64(written.count + edits)),
            .integer(Int64(Self.comparedNames)),
        ]
        let columns = "SELECT name_key, place_id, population FROM"
        let heads = InList(PlaceSpelling.heads(nearly: written).map(SQLValue.text))
        var rows = try connection.query(
            """
            \(columns) place_names\(connection.dialect.byIndex("place_names_head")) \
            WHERE head IN \(heads.sql) AND letters BETWEEN ? AND ? LIMIT ?
            """, values: heads.values + lengths)
        if edits > 1 {
            rows += try connection.query(
                """
                \(columns) place_endings\(connection.dialect.readingPrimaryKey) \
                WHERE tail = ? AND letters BETWEEN ? AND ? LIMIT ?
                """, values: [.text(PlaceSpelling.tail(written))] + lengths)
        }
        return rows
    }

    // MARK: Around a point

    func places(near centre: GeoPosition, limit: Int) throws -> [Place] {
        guard limit > 0 else { return [] }
        // From a city's surroundings to the whole Earth.
        for kilometres in [20.0, 80, 320, 1280, 5120] {
            let found = try places(within: GeoCircle(centre: centre, kilometres: kilometres))
            if found.count >= limit { return try places(Array(found.prefix(limit))) }
        }
        let earth = GeoCircle(centre: centre, kilometres: GeoPosition.greatestDistance)
        return try places(Array(places(within: earth).prefix(limit)))
    }

    /// The nearest first.
    private func places(within circle: GeoCircle) throws -> [Int64] {
        let (sql, values) = GeoCells.selection(
            "place_id, latitude, longitude", from: "place_positions", within: circle, connection.dialect)
        let found = try connection.query(sql, values: values).map { row -> (id: Int64, distance: Double) in
            let position = try GeoPosition(latitude: row["latitude"], longitude: row["longitude"])
            return (id: try row["place_id"], distance: circle.centre.distance(to: position))
        }
        return found.filter { $0.distance <= circle.kilometres }
            .sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }.map(\.id)
    }
}
