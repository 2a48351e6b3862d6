import Clinic
import Foundation

extension Migration {
    /// The mark that the database shares with its archive.
    static let fourth = Migration(number: 4, tables: [installation], statements: [])

    /// Cases are found by what signed readings make of them, no longer by the network's answers alone. A row to write shows
    /// that the database would keep one. API tokens end; those that were made before get the usual time from now on.
    static let fifth = Migration(
        number: 5,
        tables: [TableDefinition("readiness", ["id {int} NOT NULL PRIMARY KEY", "checked_at {int} NOT NULL"])],
        statements: [],
        work: { connection in
            try add("expires_at {int} NOT NULL DEFAULT 0", to: "api_tokens", on: connection)
            try connection.execute(
                "UPDATE api_tokens SET expires_at = ? WHERE expires_at = 0",
                APIToken.end(after: APIToken.defaultDays, from: Date()))
            try SQLTransaction(connection, auditKey: []).refreshMarksOfReadCases()
        })

    /// One row, `id` 1, once the database is bound to an archive.
    private static let installation = TableDefinition(
        "installation", ["id {int} NOT NULL PRIMARY KEY", "mark {id} NOT NULL", "marked_at {int} NOT NULL"])
}
