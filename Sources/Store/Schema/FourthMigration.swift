import Clinic
import Foundation

extension Migration {
    /// The mark that the database shares with its archive.
    static let fourth = Migration(number: 4, tables: [installation], statements: [])

    /// A row to write shows that the database would keep one. API tokens end; those that were made before get the usual time
    /// from now on.
    static let fifth = Migration(
        number: 5,
        tables: [
            TableDefinition("readiness", ["id {int} NOT NULL PRIMARY KEY", "checked_at {int} NOT NULL"]),
            storedObjects, erasures,
        ],
        statements: [],
        work: { connection, chain in
            try add("expires_at {int} NOT NULL DEFAULT 0", to: "api_tokens", on: connection)
            try connection.execute(
                "UPDATE api_tokens SET expires_at = ? WHERE expires_at = 0",
                APIToken.end(after: APIToken.defaultDays, from: Date()))
            try StoredObjects.fillIn(on: connection)
            try chain.sealEmptyLog(on: connection)
        })

    /// What was deleted for good.
    private static let erasures = TableDefinition(
        SQLTransaction.erasures.name,
        ["object_id {id} NOT NULL PRIMARY KEY", "kind {name} NOT NULL", "erased_at {int} NOT NULL"])

    /// What the files of the archive are. No references: one key is that of an image, a picture, a paper, a portrait or a
    /// file of a model. A row without a checksum is of before this table.
    private static let storedObjects = TableDefinition(
        StoredObjects.table, isClustered: true,
        ["archive_key {key} NOT NULL PRIMARY KEY", "sha256 {digest}", "byte_count {int}"])

    /// One row, `id` 1, once the database is bound to an archive.
    private static let installation = TableDefinition(
        "installation", ["id {int} NOT NULL PRIMARY KEY", "mark {id} NOT NULL", "marked_at {int} NOT NULL"])
}
