import Foundation

/// The rules of accounts, over any database: registration, login, sessions, passwords, second factor, tokens.
///
/// Everything that changes something appends its entry to the audit log in the same transaction.
public struct Accounts: Sendable {
    let database: any ClinicDatabase
    let hasher: PasswordHasher
    let policy: SessionPolicy
    /// Passwords that nobody may choose.
    public let leaked: LeakedPasswords
    let keys: AccountKeys
    let lastUses: LastUses
    /// The notice that new people agree to.
    let notice: ConsentNotice
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Where accounts are.
    ///   - key: 32 secret bytes of this installation, always the same: for second factors at rest and login tickets.
    ///   - hasher: Hashes passwords on threads of its own.
    ///   - policy: How long sessions last.
    ///   - leaked: Passwords that nobody may choose.
    ///   - notice: The notice in force, which new people agree to.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, key: [UInt8], hasher: PasswordHasher = PasswordHasher(),
        policy: SessionPolicy = SessionPolicy(), leaked: LeakedPasswords = LeakedPasswords(),
        notice: ConsentNotice = .current,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.hasher, self.policy, self.leaked) = (database, hasher, policy, leaked)
        keys = AccountKeys(key)
        lastUses = LastUses(database)
        (self.notice, self.clock) = (notice, clock)
    }

    /// A one-time link that makes the first administrator; those given before no longer work.
    ///
    /// - Returns: The secret of the link, valid for a day; nil when there is an administrator.
    public func offerAdministratorSetup() async throws -> SecretToken? {
        let now = clock()
        return try await database.write { transaction in
            try transaction.deleteOneTimeTokens(purpose: .administratorSetup, of: nil)
            guard try transaction.countUsers(role: .administrator) == 0 else { return nil }
            let secret = SecretToken()
            try transaction.insert(
                OneTimeToken(
                    digest: secret.digest, purpose: .administratorSetup, userID: nil,
                    expiresAt: now.addingTimeInterval(86_400)))
            return secret
        }
    }

    /// Whether a link would work; it stays as it is.
    public func isSetupOpen(_ secret: SecretToken) async throws -> Bool {
        let now = clock()
        return try await database.read { transaction in
            try transaction.countUsers(role: .administrator) == 0
                && transaction.oneTimeToken(digest: secret.digest, purpose: .administratorSetup, now: now) != nil
        }
    }

    /// Makes the first administrator and logs in.
    ///
    /// - Parameter secret: The link's.
    /// - Returns: The session's secret.
    /// - Throws: `ClinicError.notFound` when the link was used, is too old, or there is an administrator by now;
    ///   `.invalid`, `.duplicate` with the field that has to change.
    public func setUpAdministrator(_ secret: SecretToken, _ request: Registration) async throws -> OpenedSession {
        let user = try await newUser(request, role: .administrator)
        guard let consent = request.consent else { throw Self.noConsent }
        let now = clock()
        return try await database.write { transaction in
            guard try transaction.countUsers(role: .administrator) == 0,
                try transaction.consumeOneTimeToken(
                    digest: secret.digest, purpose: .administratorSetup, now: now) != nil
            else { throw ClinicError(.notFound, "errors.accounts.link") }
            return try insert(
                user, consent, by: .anonymous, detail: "role=administrator setup", in: transaction, now: now)
        }
    }
}
