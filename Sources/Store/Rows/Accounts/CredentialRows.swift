import Clinic
import Foundation

extension SQLTransaction {
    private static let sessions = SQLTable<LoginSession>(
        "sessions", "digest user_id created_at last_seen_at expires_at confirmed_at"
    ) { row in
        try LoginSession(
            digest: row["digest"], userID: row["user_id"], createdAt: row["created_at"],
            lastSeenAt: row["last_seen_at"], expiresAt: row["expires_at"], confirmedAt: row["confirmed_at"])
    }

    private static let oneTimeTokens = SQLTable<OneTimeToken>(
        "one_time_tokens", "digest purpose user_id expires_at"
    ) { row in
        try OneTimeToken(
            digest: row["digest"], purpose: row["purpose"], userID: row["user_id"], expiresAt: row["expires_at"])
    }

    private static let tokens = SQLTable<APIToken>(
        "api_tokens", "id digest user_id label scopes created_at expires_at last_used_at revoked_at site_id"
    ) { row in
        let scopes: String = try row["scopes"]
        return try APIToken(
            id: row["id"], digest: row["digest"], userID: row["user_id"], label: row["label"],
            scopes: Set(scopes.split(separator: " ").compactMap { APIToken.Scope(rawValue: String($0)) }),
            createdAt: row["created_at"], expiresAt: row["expires_at"], lastUsedAt: row["last_used_at"],
            revokedAt: row["revoked_at"], siteID: row["site_id"])
    }

    /// Notes that an account is in use; once a day is enough to tell years apart.
    ///
    /// - Parameters:
    ///   - account: An expression that gives its identifier, of one argument.
    ///   - argument: That.
    private func noteUse(of account: String, _ argument: String, at: Date) throws {
        try connection.execute(
            "UPDATE users SET used_at = ? WHERE id = \(account) AND (used_at IS NULL OR used_at < ?)", at, argument,
            at.addingTimeInterval(-86_400))
    }

    // MARK: Sessions

    func insert(_ session: LoginSession) throws {
        try noteUse(of: "?", session.userID.text, at: session.createdAt)
        try connection.execute(
            "INSERT INTO sessions (\(Self.sessions.list)) VALUES (?, ?, ?, ?, ?, ?)",
            session.digest, session.userID.text, session.createdAt, session.lastSeenAt, session.expiresAt,
            session.confirmedAt == session.createdAt ? nil : session.confirmedAt)
    }

    func session(digest: String) throws -> LoginSession? {
        try connection.one(Self.sessions, "WHERE digest = ?", digest)
    }

    func touchSession(digest: String, at: Date) throws {
        try noteUse(of: "(SELECT user_id FROM sessions WHERE digest = ?)", digest, at: at)
        try connection.execute("UPDATE sessions SET last_seen_at = ? WHERE digest = ?", at, digest)
    }

    func confirmSession(digest: String, at: Date) throws {
        try connection.execute("UPDATE sessions SET confirmed_at = ? WHERE digest = ?", at, digest)
    }

    func deleteSession(digest: String) throws {
        try connection.execute("DELETE FROM sessions WHERE digest = ?", digest)
    }

    func deleteSessions(of user: UserID, except: String?) throws {
        try connection.execute("DELETE FROM sessions WHERE user_id = ? AND digest <> ?", user.text, except ?? "")
    }

    func countSessions(of user: UserID) throws -> Int {
        try connection.number("SELECT COUNT(*) FROM sessions WHERE user_id = ?", user.text)
    }

    func deleteExpiredCredentials(now: Date, idleSince: Date) throws {
        try connection.execute("DELETE FROM sessions WHERE expires_at <= ?", now)
        try connection.execute("DELETE FROM sessions WHERE last_seen_at < ?", idleSince)
        try connection.execute("DELETE FROM one_time_tokens WHERE expires_at <= ?", now)
    }

    // MARK: One-time tokens

    func insert(_ token: OneTimeToken) throws {
        try connection.execute(
            "INSERT INTO one_time_tokens (\(Self.oneTimeTokens.list)) VALUES (?, ?, ?, ?)",
            token.digest, token.purpose.rawValue, token.userID?.text, token.expiresAt)
    }

    func oneTimeToken(digest: String, purpose: OneTimeToken.Purpose, now: Date) throws -> OneTimeToken? {
        try connection.one(
            Self.oneTimeTokens, "WHERE digest = ? AND purpose = ? AND expires_at > ?", digest, purpose.rawValue, now)
    }

    func consumeOneTimeToken(digest: String, purpose: OneTimeToken.Purpose, now: Date) throws -> OneTimeToken? {
        guard let token = try oneTimeToken(digest: digest, purpose: purpose, now: now) else { return nil }
        // Of two at once, the second waits for the first's commit and then finds no row to delete.
        let deleted = try connection.execute("DELETE FROM one_time_tokens WHERE digest = ?", digest)
        return deleted == 1 ? token : nil
    }

    func deleteOneTimeTokens(purpose: OneTimeToken.Purpose, of user: UserID?) throws {
        if let user {
            try connection.execute(
                "DELETE FROM one_time_tokens WHERE user_id = ? AND purpose = ?", user.text, purpose.rawValue)
        } else {
            try connection.execute(
                "DELETE FROM one_time_tokens WHERE user_id IS NULL AND purpose = ?", purpose.rawValue)
        }
    }

    // MARK: API tokens

    func insert(_ token: APIToken) throws {
        try connection.execute(
            "INSERT INTO api_tokens (\(Self.tokens.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            token.id.text, token.digest, token.userID.text, token.label,
            token.scopes.map(\.rawValue).sorted().joined(separator: " "), token.createdAt, token.expiresAt,
            token.lastUsedAt, token.revokedAt, token.siteID)
    }

    func apiToken(digest: String) throws -> APIToken? {
        try connection.one(Self.tokens, "WHERE digest = ?", digest)
    }

    func apiTokens(of user: UserID) throws -> [APIToken] {
        try connection.all(Self.tokens, "WHERE user_id = ? ORDER BY created_at DESC, id DESC", user.text)
    }

    func touchAPIToken(_ id: APITokenID, at: Date) throws {
        try noteUse(of: "(SELECT user_id FROM api_tokens WHERE id = ?)", id.text, at: at)
        try connection.execute("UPDATE api_tokens SET last_used_at = ? WHERE id = ?", at, id.text)
    }

    func revokeAPIToken(_ id: APITokenID, of user: UserID, at: Date) throws -> Bool {
        try connection.execute(
            "UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL",
            at, id.text, user.text) == 1
    }
}
