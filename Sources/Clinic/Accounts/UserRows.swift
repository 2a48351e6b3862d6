import Foundation

/// Accounts.
public protocol UserRows {
    /// - Throws: `ClinicError.duplicate` with field `email`.
    func insert(_ user: User) throws
    func user(_ id: UserID) throws -> User?
    func user(email: String) throws -> User?
    /// - Throws: `ClinicError.duplicate` with field `email`, `.notFound`.
    func update(_ user: User) throws
    /// Deletes the account with its sessions, tokens, cases, images and screenings (the rows; the caller removes files).
    func deleteUser(_ id: UserID) throws
    /// Newest first; `search` is the beginning of e-mail or name.
    func users(search: String, role: Role?, limit: Int, offset: Int) throws -> [User]
    func countUsers(role: Role?) throws -> Int
}

extension UserRows {
    /// The account of an address as somebody typed it; those that were stored before addresses were composed (Unicode NFC) are found
    /// as they are.
    public func user(typed email: String) throws -> User? {
        let address = AccountRules.address(email)
        if let user = try user(email: address) { return user }
        guard !address.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let plain = email.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        return try user(email: plain) ?? user(email: address.decomposedStringWithCanonicalMapping)
    }
}

/// Sessions, one-time links and API tokens.
public protocol CredentialRows {
    func insert(_ session: LoginSession) throws
    func session(digest: String) throws -> LoginSession?
    func touchSession(digest: String, at: Date) throws
    /// Notes that the password was given once more.
    func confirmSession(digest: String, at: Date) throws
    func deleteSession(digest: String) throws
    /// - Parameter except: The digest of a session that stays.
    func deleteSessions(of user: UserID, except: String?) throws
    func countSessions(of user: UserID) throws -> Int
    /// Deletes sessions past their absolute end or idle since before `idleSince`, and expired one-time tokens.
    func deleteExpiredCredentials(now: Date, idleSince: Date) throws

    func insert(_ token: OneTimeToken) throws
    /// Finds without using it up.
    func oneTimeToken(digest: String, purpose: OneTimeToken.Purpose, now: Date) throws -> OneTimeToken?
    /// Uses it up: of two callers at once, one gets it.
    func consumeOneTimeToken(digest: String, purpose: OneTimeToken.Purpose, now: Date) throws -> OneTimeToken?
    func deleteOneTimeTokens(purpose: OneTimeToken.Purpose, of user: UserID?) throws

    func insert(_ token: APIToken) throws
    func apiToken(digest: String) throws -> APIToken?
    func apiTokens(of user: UserID) throws -> [APIToken]
    func touchAPIToken(_ id: APITokenID, at: Date) throws
    /// - Returns: Whether there was such a token of this user that was not revoked.
    func revokeAPIToken(_ id: APITokenID, of user: UserID, at: Date) throws -> Bool
}
