import Clinic

extension SQLTransaction {
    /// The table of what was deleted for good.
    static let erasures = SQLTable<Erasure>("erasures", "object_id kind erased_at") { row in
        try Erasure(row["kind"], row["object_id"], at: row["erased_at"])
    }

    func note(_ erasure: Erasure) throws {
        try connection.execute(
            "INSERT INTO erasures (\(Self.erasures.list)) VALUES (?, ?, ?)"
                + connection.dialect.passingOverPresent("object_id"), erasure.id, erasure.kind, erasure.at)
    }

    func erasures() throws -> [Erasure] { try connection.all(Self.erasures, "ORDER BY erased_at, object_id") }
}

extension Erasure.Kind: SQLConvertible {}
