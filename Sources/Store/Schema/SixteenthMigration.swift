import Clinic

extension Migration {
    /// The attempts at accounts, which all servers of an installation count together.
    static let sixteenth = Migration(number: 16, tables: [loginAttempts], statements: [])

    /// In no backup: a row is gone an hour after its last attempt.
    private static let loginAttempts = TableDefinition(
        "login_attempts", isClustered: true,
        ["key_digest {digest} NOT NULL PRIMARY KEY", "attempts_left {real} NOT NULL", "counted_at {int} NOT NULL"],
        indexes: [("login_attempts_counted_at", "counted_at")])
}
