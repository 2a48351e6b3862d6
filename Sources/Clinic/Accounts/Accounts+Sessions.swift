import Foundation

extension Accounts {
    /// A session and whose it is.
    public struct ActiveSession: Sendable, Equatable {
        public let user: User
        public let session: LoginSession

        public init(user: User, session: LoginSession) { (self.user, self.session) = (user, session) }
    }

    /// Finds the session that a cookie opens, and notes that it was used.
    ///
    /// - Parameter secret: The cookie.
    /// - Returns: Nil when there is none, it has ended, or the account is disabled.
    /// - Throws: `ClinicError.databaseUnavailable`.
    public func session(_ secret: SecretToken) async throws -> ActiveSession? {
        let now = clock()
        let found = try await database.read { [policy] transaction -> ActiveSession? in
            guard let session = try transaction.session(digest: secret.digest),
                let user = try transaction.user(session.userID), !user.isDisabled, now < session.expiresAt,
                now < session.lastSeenAt.addingTimeInterval(policy.idle(user.role))
            else { return nil }
            return ActiveSession(user: user, session: session)
        }
        // A write a minute at most: reading pages stays reading for the database.
        if let found, now > found.session.lastSeenAt.addingTimeInterval(60) {
            try await database.write { try $0.touchSession(digest: found.session.digest, at: now) }
        }
        return found
    }

    /// How many browsers somebody is logged in with.
    public func countSessions(of user: UserID) async throws -> Int {
        try await database.read { try $0.countSessions(of: user) }
    }

    /// Ends one session.
    public func logOut(_ active: ActiveSession) async throws {
        let now = clock()
        try await database.write { transaction in
            try transaction.deleteSession(digest: active.session.digest)
            try transaction.append(AuditEntry(.user(.logout), by: .user(active.user.id), at: now))
        }
    }

    /// Ends every session of a person, the present one too. Asks for nothing, for it takes nothing away that a login and
    /// a new token do not bring back.
    ///
    /// - Parameter endingTokens: Whether the API tokens end as well.
    /// - Returns: How many of both ended.
    public func logOutEverywhere(
        _ user: UserID, endingTokens: Bool
    ) async throws -> (sessions: Int, tokens: Int) {
        let now = clock()
        return try await database.write { transaction in
            try Self.endSessions(of: user, by: .user(user), endingTokens: endingTokens, in: transaction, now: now)
        }
    }

    static func endSessions(
        of user: UserID, by actor: AuditEntry.Actor, endingTokens: Bool,
        in transaction: any CredentialRows & AuditRows, now: Date
    ) throws -> (sessions: Int, tokens: Int) {
        let count = try transaction.countSessions(of: user)
        try transaction.deleteSessions(of: user, except: nil)
        try transaction.append(
            AuditEntry(
                .user(.logout), by: actor, object: actor == .user(user) ? "" : user.text,
                detail: "everywhere, sessions=\(count)", at: now))
        let tokens = endingTokens ? try revokeTokens(of: user, by: actor, in: transaction, now: now) : 0
        return (count, tokens)
    }

    /// Forgets sessions and one-time links that have ended, and forms that were kept for an hour; for a call now and then.
    public func sweep() async throws {
        let now = clock()
        let idleSince = now.addingTimeInterval(-policy.longestIdle)
        try await database.write { transaction in
            try transaction.deleteExpiredCredentials(now: now, idleSince: idleSince)
            try transaction.deleteKeptForms(before: now.addingTimeInterval(-KeptForms.lifetime))
        }
    }

    /// A new session of this user, stored within the transaction.
    ///
    /// - Returns: What the cookie holds.
    func openSession(of user: User, in transaction: any CredentialRows, now: Date) throws -> SecretToken {
        let secret = SecretToken()
        try transaction.insert(
            LoginSession(
                digest: secret.digest, userID: user.id, createdAt: now, lastSeenAt: now,
                expiresAt: now.addingTimeInterval(policy.absolute(user.role))))
        return secret
    }
}
