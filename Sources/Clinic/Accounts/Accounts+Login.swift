import Foundation

extension Accounts {
    /// How an attempt to log in ended.
    public enum LoginOutcome: Sendable, Equatable {
        case opened(OpenedSession)
        /// The password is right; a code of the second factor is missing. The ticket stands for the password for five
        /// minutes.
        case needsCode(ticket: String)
        /// Unknown address or wrong password: nobody is told which.
        case refused
        /// The password is right, and an administrator has disabled the account; only who knows the password is told so.
        case disabled
    }

    /// Logs in with a password.
    ///
    /// Takes the same time for an address that nobody has: a hash is computed and the audit log is written either way.
    ///
    /// - Parameters:
    ///   - email: As typed.
    ///   - password: As typed.
    ///   - previous: The session of the browser, which ends (OWASP ASVS 5.0, 7.2.4).
    /// - Throws: `ClinicError.busy`, `.databaseUnavailable`.
    public func logIn(email: String, password: String, ending previous: SecretToken?) async throws -> LoginOutcome {
        let known = try await database.read { try $0.user(typed: email) }
        // A password longer than any that was accepted is not worth the hashing.
        let typed = PasswordRules.length(password) <= PasswordRules.maximumLength ? password : ""
        let match = try await hasher.match(typed, against: known?.passwordHash)
        guard let user = known, match != .none, !user.isDisabled else {
            try await noteFailure(.loginFailed, by: .anonymous, of: known?.id, detail: "password")
            return match != .none && known?.isDisabled == true ? .disabled : .refused
        }
        if user.totpSecret != nil { return .needsCode(ticket: ticket(for: user)) }
        let isOld = match == .olderForm || hasher.isOutdated(user.passwordHash)
        let renewed = isOld ? try await hasher.hash(password) : nil
        return .opened(try await open(user, renewedHash: renewed, ending: previous))
    }

    /// Logs in with the code that was missing.
    ///
    /// - Parameters:
    ///   - ticket: From `needsCode`.
    ///   - code: Six digits of the authenticator, or a recovery code.
    ///   - previous: The session of the browser, which ends.
    /// - Returns: Nil when the ticket is too old, or the password was changed meanwhile; then log in anew.
    /// - Throws: `ClinicError.invalid` with field `code`.
    public func logIn(ticket: String, code: String, ending previous: SecretToken?) async throws -> OpenedSession? {
        guard let user = try await user(ofTicket: ticket), !user.isDisabled else { return nil }
        guard try await useCode(code, of: user) else {
            try await noteFailure(.loginFailed, by: .anonymous, of: user.id, detail: "code")
            throw ClinicError(.invalid, "errors.accounts.loginCode", field: "code")
        }
        return try await open(user, renewedHash: nil, ending: previous)
    }

    /// Whose ticket it is; nil when it is too old or altered. For counting attempts by account.
    public func user(ofTicket ticket: String) async throws -> User? {
        guard let parts = keys.verify(ticket)?.split(separator: "|"), parts.count == 4, parts[0] == "login",
            let id = UserID(String(parts[1])), let end = Double(parts[2]), clock().timeIntervalSince1970 < end
        else { return nil }
        let user = try await database.read { try $0.user(id) }
        guard let user, SecretToken.digest(of: user.passwordHash) == parts[3] else { return nil }
        return user
    }

    private func ticket(for user: User) -> String {
        let end = Int(clock().timeIntervalSince1970) + 300
        return keys.sign("login|\(user.id)|\(end)|\(SecretToken.digest(of: user.passwordHash))")
    }

    private func open(_ user: User, renewedHash: String?, ending previous: SecretToken?) async throws -> OpenedSession {
        let now = clock()
        return try await database.write { transaction in
            // Read again: the account may have been changed while the password was hashed.
            guard var current = try transaction.user(user.id), !current.isDisabled,
                current.passwordHash == user.passwordHash
            else { throw ClinicError(.notFound, "errors.accounts.changed") }
            if let renewedHash {
                current.passwordHash = renewedHash
                try transaction.update(current)
            }
            if let previous { try transaction.deleteSession(digest: previous.digest) }
            let secret = try openSession(of: current, in: transaction, now: now)
            try transaction.append(AuditEntry(.user(.login), by: .user(user.id), object: user.id.text, at: now))
            return OpenedSession(user: current, secret: secret, lifetime: policy.absolute(user.role))
        }
    }
}
