import Foundation

/// The rules of accounts, over any database: registration, login, sessions, passwords, second factor, tokens.
///
/// Everything that changes something appends its entry to the audit log in the same transaction.
public struct Accounts: Sendable {
    let database: any ClinicDatabase
    let hasher: AccountPasswordHasher
    let policy: AccountSessionPolicy
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Where accounts are.
    ///   - hasher: Hashes passwords on threads of its own.
    ///   - policy: How long sessions last.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, hasher: AccountPasswordHasher = AccountPasswordHasher(),
        policy: AccountSessionPolicy = AccountSessionPolicy(), clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.database = database
        self.hasher = hasher
        self.policy = policy
        self.clock = clock
    }
}
