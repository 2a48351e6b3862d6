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
        (self.database, self.hasher, self.policy) = (database, hasher, policy)
        keys = AccountKeys(key)
        self.clock = clock
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
        let now = clock()
        return try await database.write { transaction in
            guard try transaction.countUsers(role: .administrator) == 0,
                try transaction.consumeOneTimeToken(
                    digest: secret.digest, purpose: .administratorSetup, now: now) != nil
            else { throw ClinicError(.notFound, "errors.accounts.link") }
            return try insert(user, by: .anonymous, detail: "role=administrator setup", in: transaction, now: now)
        }
    }

    /// An API token and whose it is.
    public struct KnownToken: Sendable, Equatable {
        public let user: User
        public let token: APIToken
    }

    /// Finds what a bearer token opens, and notes that it was used.
    ///
    /// - Returns: Nil when there is none, it was revoked, or the account is disabled.
    /// - Throws: `ClinicError.databaseUnavailable`.
    public func apiToken(_ secret: SecretToken) async throws -> KnownToken? {
        let now = clock()
        let found = try await database.read { transaction -> KnownToken? in
            guard let token = try transaction.apiToken(digest: secret.digest), token.revokedAt == nil,
                let user = try transaction.user(token.userID), !user.isDisabled
            else { return nil }
            return KnownToken(user: user, token: token)
        }
        if let found, now > (found.token.lastUsedAt ?? .distantPast).addingTimeInterval(60) {
            try await database.write { try $0.touchAPIToken(found.token.id, at: now) }
        }
        return found
    }

    /// The tokens of a person, in the order of the database.
    public func apiTokens(of user: UserID) async throws -> [APIToken] {
        try await database.read { try $0.apiTokens(of: user) }
    }

    /// Makes a token.
    ///
    /// - Returns: The secret, which is shown once and kept nowhere.
    /// - Throws: `ClinicError.invalid` without a label or scopes, `.quotaExceeded` beyond 50 tokens, `.notFound`.
    public func makeAPIToken(
        of user: UserID, label: String, scopes: Set<APIToken.Scope>, by actor: AuditEntry.Actor
    ) async throws -> SecretToken {
        let label = try AccountRules.label(label)
        guard !scopes.isEmpty else { throw ClinicError(.invalid, "errors.accounts.scope", field: "scope") }
        let secret = SecretToken()
        let now = clock()
        let token = APIToken(digest: secret.digest, userID: user, label: label, scopes: scopes, createdAt: now)
        try await database.write { transaction in
            guard try transaction.user(user) != nil else { throw ClinicError(.notFound, "errors.accounts.none") }
            let live = try transaction.apiTokens(of: user).filter { $0.revokedAt == nil }
            guard live.count < 50 else { throw ClinicError(.quotaExceeded, "errors.accounts.tokens", field: "label") }
            try transaction.insert(token)
            let names = scopes.map(\.rawValue).sorted().joined(separator: "+")
            try transaction.append(
                AuditEntry(.token(.create), by: actor, object: token.id.text, detail: "scope=\(names)", at: now))
        }
        return secret
    }

    /// Revokes a token of a person.
    ///
    /// - Throws: `ClinicError.notFound` when there is no such token of theirs.
    public func revokeAPIToken(_ id: APITokenID, of user: UserID, by actor: AuditEntry.Actor) async throws {
        let now = clock()
        try await database.write { transaction in
            guard try transaction.revokeAPIToken(id, of: user, at: now) else {
                throw ClinicError(.notFound, "errors.accounts.noToken")
            }
            try transaction.append(AuditEntry(.token(.revoke), by: actor, object: id.text, at: now))
        }
    }
}
