import Foundation

/// The rules of accounts, over any database: registration, login, sessions, passwords, second factor, tokens.
///
/// Everything that changes something appends its entry to the audit log in the same transaction.
public struct Accounts: Sendable {
    let database: any ClinicDatabase
    let hasher: PasswordHasher
    let policy: SessionPolicy
    let keys: AccountKeys
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Where accounts are.
    ///   - key: 32 secret bytes of this installation, always the same: for second factors at rest and login tickets.
    ///   - hasher: Hashes passwords on threads of its own.
    ///   - policy: How long sessions last.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, key: [UInt8], hasher: PasswordHasher = PasswordHasher(),
        policy: SessionPolicy = SessionPolicy(), clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.database = database
        self.hasher = hasher
        self.policy = policy
        keys = AccountKeys(key)
        self.clock = clock
    }
}
