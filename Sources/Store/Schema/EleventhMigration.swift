import Clinic

extension Migration {
    /// The language that somebody chose for pages and letters; NULL until they do.
    static let eleventh = Migration(
        number: 11, tables: [], statements: [],
        work: { connection, _ in try add("language {name}", to: "users", on: connection) })
}
