import Clinic

extension Migration {
    /// Screenings wait in turns between persons.
    static let sixth = Migration(
        number: 6, tables: [], statements: [], work: { connection, _ in try giveTurns(on: connection) })

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
}
