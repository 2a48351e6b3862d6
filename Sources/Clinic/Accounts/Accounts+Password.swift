import Foundation

extension Accounts {
    /// Changes the password of somebody who has just shown who they are. Every session ends, and a new one begins.
    ///
    /// - Parameters:
    ///   - new: As typed.
    ///   - endingTokens: Whether the API tokens end as well.
    /// - Throws: `ClinicError.invalid` with field `new` or `password`, `.busy`.
    public func changePassword(
        for confirmation: Confirmation, to new: String, endingTokens: Bool
    ) async throws -> OpenedSession {
        let id = confirmation.userID
        let user = try await database.read { try confirmation.user(in: $0) }
        try PasswordRules.check(new, email: user.email, name: user.name, not: leaked, field: "new")
        let hash = try await hasher.hash(new)
        let now = clock()
        return try await database.write { transaction in
            var current = try confirmation.user(in: transaction)
            current.passwordHash = hash
            try Self.replacePassword(of: current, in: transaction)
            try transaction.append(AuditEntry(.user(.update), by: .user(id), detail: "password", at: now))
            if endingTokens { _ = try Self.revokeTokens(of: id, by: .user(id), in: transaction, now: now) }
            let secret = try openSession(of: current, in: transaction, now: now)
            return OpenedSession(user: current, secret: secret, lifetime: policy.absolute(current.role))
        }
    }

    /// A link to choose a new password, valid once and for 30 minutes.
    ///
    /// - Parameters:
    ///   - email: As typed.
    ///   - actor: Who asks for it: nobody who is logged in, or the command line.
    /// - Returns: Nil when nobody has this address, or the account is disabled; never tell that to who asked.
    public func offerReset(email: String, by actor: AuditEntry.Actor) async throws -> (user: User, secret: SecretToken)?
    {
        let secret = SecretToken()
        let now = clock()
        return try await database.write { transaction in
            guard let user = try transaction.user(typed: email), !user.isDisabled else { return nil }
            try transaction.insert(
                OneTimeToken(
                    digest: secret.digest, purpose: .passwordReset, userID: user.id,
                    expiresAt: now.addingTimeInterval(1800)))
            try transaction.append(
                AuditEntry(.user(.reset), by: actor, object: user.id.text, detail: "link", at: now))
            return (user, secret)
        }
    }

    /// Whether a reset link would work; it stays as it is.
    public func isResetOpen(_ secret: SecretToken) async throws -> Bool {
        let now = clock()
        return try await database.read { transaction in
            try transaction.oneTimeToken(digest: secret.digest, purpose: .passwordReset, now: now) != nil
        }
    }

    /// Sets a new password through a link. Every session ends, and other links no longer work; the second factor stays.
    ///
    /// - Parameters:
    ///   - secret: The link's.
    ///   - endingTokens: Whether the API tokens end as well.
    /// - Throws: `ClinicError.notFound` when the link was used or is too old, `.invalid` with field `password`.
    public func resetPassword(_ secret: SecretToken, new: String, endingTokens: Bool) async throws {
        let now = clock()
        let missing = ClinicError(.notFound, "errors.accounts.link")
        let known = try await database.read { transaction -> User? in
            let token = try transaction.oneTimeToken(digest: secret.digest, purpose: .passwordReset, now: now)
            return try token?.userID.flatMap { try transaction.user($0) }
        }
        guard let user = known, !user.isDisabled else { throw missing }
        try PasswordRules.check(new, email: user.email, name: user.name, not: leaked)
        let hash = try await hasher.hash(new)
        try await database.write { transaction in
            guard
                try transaction.consumeOneTimeToken(digest: secret.digest, purpose: .passwordReset, now: now) != nil,
                var current = try transaction.user(user.id), !current.isDisabled
            else { throw missing }
            current.passwordHash = hash
            try Self.replacePassword(of: current, in: transaction)
            try transaction.append(
                AuditEntry(.user(.reset), by: .anonymous, object: user.id.text, detail: "password", at: now))
            if endingTokens { _ = try Self.revokeTokens(of: user.id, by: .anonymous, in: transaction, now: now) }
        }
    }

    private static func replacePassword(of user: User, in transaction: any UserRows & CredentialRows) throws {
        try transaction.update(user)
        try transaction.deleteSessions(of: user.id, except: nil)
        try transaction.deleteOneTimeTokens(purpose: .passwordReset, of: user.id)
    }

    static func required(_ id: UserID, in transaction: any UserRows) throws -> User {
        guard let user = try transaction.user(id) else { throw ClinicError(.notFound, "errors.accounts.none") }
        return user
    }
}
