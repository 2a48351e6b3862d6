import Clinic
import Foundation

extension SQLTransaction {
    private static let sessionColumns = "digest, user_id, created_at, last_seen_at, expires_at"
    private static let oneTimeColumns = "digest, purpose, user_id, expires_at"
    private static let tokenColumns =
        "id, digest, user_id, label, scopes, created_at, last_used_at, revoked_at"

    // MARK: Sessions

    func insert(_ session: LoginSession) throws {
        try connection.execute(
            "INSERT INTO sessions (\(Self.sessionColumns)) VALUES (?, ?, ?, ?, ?)",
            session.digest, session.userID.text, session.createdAt, session.lastSeenAt, session.expiresAt)
    }

    func session(digest: String) throws -> LoginSession? {
        guard
            var row = try connection.first(
                "SELECT \(Self.sessionColumns) FROM sessions WHERE digest = ?", digest)
        else { return nil }
        return LoginSession(
            digest: try row.text(), userID: try row.identifier(), createdAt: try row.date(),
            lastSeenAt: try row.date(), expiresAt: try row.date())
    }

    func touchSession(digest: String, at: Date) throws {
        try connection.execute("UPDATE sessions SET last_seen_at = ? WHERE digest = ?", at, digest)
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
            "INSERT INTO one_time_tokens (\(Self.oneTimeColumns)) VALUES (?, ?, ?, ?)",
            token.digest, token.purpose.rawValue, token.userID?.text, token.expiresAt)
    }

    func oneTimeToken(digest: String, purpose: OneTimeToken.Purpose, now: Date) throws -> OneTimeToken? {
        try connection.first(
            "SELECT \(Self.oneTimeColumns) FROM one_time_tokens WHERE digest = ? AND purpose = ? AND expires_at > ?",
            digest, purpose.rawValue, now
        ).map { row in
            var row = row
            return OneTimeToken(
                digest: try row.text(), purpose: try row.raw(), userID: try row.optionalIdentifier(),
                expiresAt: try row.date())
        }
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
            "INSERT INTO api_tokens (\(Self.tokenColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            token.id.text, token.digest, token.userID.text, token.label,
            token.scopes.map(\.rawValue).sorted().joined(separator: " "), token.createdAt, token.lastUsedAt,
            token.revokedAt)
    }

    func apiToken(digest: String) throws -> APIToken? {
        try connection.first("SELECT \(Self.tokenColumns) FROM api_tokens WHERE digest = ?", digest).map(Self.token)
    }

    func apiTokens(of user: UserID) throws -> [APIToken] {
        try connection.query(
            "SELECT \(Self.tokenColumns) FROM api_tokens WHERE user_id = ? ORDER BY created_at DESC, id DESC", user.text
        ).map(Self.token)
    }

    func touchAPIToken(_ id: APITokenID, at: Date) throws {
        try connection.execute("UPDATE api_tokens SET last_used_at = ? WHERE id = ?", at, id.text)
    }

    func revokeAPIToken(_ id: APITokenID, of user: UserID, at: Date) throws -> Bool {
        try connection.execute(
            "UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL",
            at, id.text, user.text) == 1
    }

    private static func token(_ row: SQLRow) throws -> APIToken {
        var row = row
        let (id, digest, userID): (APITokenID, String, UserID) = (
            try row.identifier(), try row.text(), try row.identifier()
        )
        let (label, scopes) = (try row.text(), try row.text())
        return APIToken(
            id: id, digest: digest, userID: userID, label: label,
            scopes: Set(scopes.split(separator: " ").compactMap { APIToken.Scope(rawValue: String($0)) }),
            createdAt: try row.date(), lastUsedAt: try row.optionalDate(), revokedAt: try row.optionalDate())
    }
}
