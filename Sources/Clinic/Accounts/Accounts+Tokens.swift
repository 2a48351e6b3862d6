import Foundation

extension Accounts {
    /// An API token and whose it is.
    public struct KnownToken: Sendable, Equatable {
        public let user: User
        public let token: APIToken
    }

    /// Why a bearer token opens nothing.
    public struct RefusedToken: Sendable, Equatable {
        public enum Reason: String, Sendable, CaseIterable {
            case unknown, revoked, expired
            /// The account of its owner is disabled.
            case disabled
        }

        public let reason: Reason
        /// Nil for one that was never given out.
        public let tokenID: APITokenID?
    }

    /// What a bearer token opens, or why nothing.
    public enum BearerAnswer: Sendable, Equatable {
        case opens(KnownToken)
        case refused(RefusedToken)
    }

    /// Finds what a bearer token opens, and has it noted that it was used; the answer does not wait for that.
    ///
    /// - Throws: `ClinicError.databaseUnavailable`.
    public func bearer(_ secret: SecretToken) async throws -> BearerAnswer {
        let now = clock()
        let answer = try await database.read { transaction -> BearerAnswer in
            guard let token = try transaction.apiToken(digest: secret.digest),
                let user = try transaction.user(token.userID)
            else { return .refused(RefusedToken(reason: .unknown, tokenID: nil)) }
            let reason: RefusedToken.Reason? =
                if token.revokedAt != nil { .revoked } else if user.isDisabled { .disabled } else {
                    token.isValid(at: now) ? nil : .expired
                }
            if let reason { return .refused(RefusedToken(reason: reason, tokenID: token.id)) }
            return .opens(KnownToken(user: user, token: token))
        }
        if case .opens(let found) = answer,
            now > (found.token.lastUsedAt ?? .distantPast).addingTimeInterval(60)
        {
            lastUses.note(found.token.id, at: now)
        }
        return answer
    }

    /// Writes down that a token was refused. Whoever lets programs from outside try bounds how often.
    public func noteRefusal(_ refused: RefusedToken) async throws {
        let entry = AuditEntry(
            .token(.refuse), by: .anonymous, object: refused.tokenID?.text ?? "", detail: refused.reason.rawValue,
            at: clock())
        try await database.write { try $0.append(entry) }
    }

    /// The tokens of a person, in the order of the database.
    public func apiTokens(of user: UserID) async throws -> [APIToken] {
        try await database.read { try $0.apiTokens(of: user) }
    }

    /// Makes a token for somebody who has just shown who they are.
    ///
    /// - Returns: The secret, which is shown once and kept nowhere.
    /// - Throws: `ClinicError.quotaExceeded` beyond 50 tokens, `.notFound`, `.invalid` with field `password`.
    public func makeAPIToken(_ terms: APIToken.Terms, for confirmation: Confirmation) async throws -> SecretToken {
        try await makeAPIToken(terms, by: .user(confirmation.userID)) { try confirmation.user(in: $0) }
    }

    /// Makes a token from the command line.
    ///
    /// - Returns: The secret, which is shown once and kept nowhere.
    /// - Throws: `ClinicError.quotaExceeded` beyond 50 tokens, `.notFound`.
    public func makeAPIToken(_ terms: APIToken.Terms, of user: UserID) async throws -> SecretToken {
        try await makeAPIToken(terms, by: .system) { try Self.required(user, in: $0) }
    }

    private func makeAPIToken(
        _ terms: APIToken.Terms, by actor: AuditEntry.Actor, _ owner: @escaping @Sendable (any UserRows) throws -> User
    ) async throws -> SecretToken {
        let secret = SecretToken()
        let now = clock()
        try await database.write { transaction in
            let user = try owner(transaction)
            try Self.checkSite(of: terms, for: user, by: actor, in: transaction)
            let live = try transaction.apiTokens(of: user.id).filter { $0.isValid(at: now) }
            guard live.count < 50 else { throw ClinicError(.quotaExceeded, "errors.accounts.tokens", field: "label") }
            let token = APIToken(
                digest: secret.digest, userID: user.id, label: terms.label, scopes: terms.scopes, createdAt: now,
                expiresAt: APIToken.end(after: terms.days, from: now), siteID: terms.site)
            try transaction.insert(token)
            let names = terms.scopes.map(\.rawValue).sorted().joined(separator: "+")
            try transaction.append(
                AuditEntry(
                    .token(.create), by: actor, object: token.id.text,
                    detail: "scope=\(names) days=\(terms.days)"
                        + (terms.site.map { " site=\($0)" } ?? ""),
                    at: now))
        }
        return secret
    }

    /// Patients cannot say where their images were made; whoever runs the server may give them a token that says so.
    private static func checkSite(
        of terms: APIToken.Terms, for user: User, by actor: AuditEntry.Actor, in transaction: any SiteRows
    ) throws {
        guard let site = terms.site else { return }
        guard try transaction.site(site) != nil, user.role.isStaff || actor == .system else {
            throw ClinicError(.notFound, "errors.sites.none", field: "site")
        }
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

    /// Revokes every token of a person that still opens something.
    ///
    /// - Returns: How many there were.
    static func revokeTokens(
        of user: UserID, by actor: AuditEntry.Actor, in transaction: any CredentialRows & AuditRows, now: Date
    ) throws -> Int {
        let live = try transaction.apiTokens(of: user).filter { $0.isValid(at: now) }
        for token in live {
            _ = try transaction.revokeAPIToken(token.id, of: user, at: now)
            try transaction.append(AuditEntry(.token(.revoke), by: actor, object: token.id.text, at: now))
        }
        return live.count
    }
}
