import Foundation

extension Accounts {
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
