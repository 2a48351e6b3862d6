import Clinic

extension Migration {
    /// Screenings wait in turns between persons. The lists by which towns are found have their own order each, so that they
    /// are filled page after page, in place of indexes of which every new name changes a page somewhere.
    static let sixth = Migration(
        number: 6, tables: [placeRanks, placeEndings, placeEditions], statements: [],
        work: { connection, _ in
            try giveTurns(on: connection)
            try PlaceKeys.fillInLists(on: connection)
            try dropPlaceIndexes(on: connection)
        })

    /// By population, for the largest of very many towns that begin so.
    private static let placeRanks = TableDefinition(
        "place_ranks", isClustered: true,
        [
            "population {int} NOT NULL", "name_key {word} NOT NULL", "place_id {int} NOT NULL",
            "PRIMARY KEY (population, name_key, place_id)",
        ])

    /// By the last letters and the length, for names whose beginning was misspelt; see `PlaceSpelling`.
    private static let placeEndings = TableDefinition(
        "place_endings", isClustered: true,
        [
            "tail {name} NOT NULL", "letters {int} NOT NULL", "name_key {word} NOT NULL", "place_id {int} NOT NULL",
            "population {int} NOT NULL", "PRIMARY KEY (tail, letters, name_key, place_id)",
        ])

    /// The files of towns that were stored to their end.
    private static let placeEditions = TableDefinition(
        "place_editions", ["edition {int} NOT NULL PRIMARY KEY", "loaded_at {int} NOT NULL"])

    /// What waits already gets its turns by age, each person's beginning with 1.
    private static func giveTurns(on connection: any SQLConnection) throws {
        try add("turn {int} NOT NULL DEFAULT 0", to: "screenings", on: connection)
        try addIndex("screenings_turn", "state, turn, created_at, id", of: "screenings", on: connection)
        try addIndex("screenings_owner_turn", "owner_id, state, turn", of: "screenings", on: connection)
        // The beginning of the one before.
        try dropIndex("screenings_owner", of: "screenings", on: connection)
        var turns: [String: Int] = [:]
        for row in try connection.query(
            "SELECT id, owner_id FROM screenings WHERE state = 'queued' ORDER BY created_at, id")
        {
            let (id, owner): (String, String) = try (row["id"], row["owner_id"])
            turns[owner, default: 0] += 1
            try connection.execute("UPDATE screenings SET turn = ? WHERE id = ?", turns[owner], id)
        }
    }

    private static func dropPlaceIndexes(on connection: any SQLConnection) throws {
        try dropIndex("places_name", of: "places", on: connection)
        try dropIndex("place_names_population", of: "place_names", on: connection)
        try dropIndex("place_names_tail", of: "place_names", on: connection)
        // MariaDB keeps an index for each reference. A town that goes is not looked for in SQLite's names: none does,
        // but with all of them.
        guard connection.dialect == .sqlite else { return }
        try dropIndex("place_names_place", of: "place_names", on: connection)
        try dropIndex("place_positions_place", of: "place_positions", on: connection)
    }
}
