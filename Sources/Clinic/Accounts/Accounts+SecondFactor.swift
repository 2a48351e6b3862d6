import Foundation

extension Accounts {
    /// A second factor that a person has not confirmed yet; nothing of it is stored.
    public struct OfferedFactor: Sendable, Equatable {
        public let totp: TOTP
        /// For the hidden field of the form: the secret, signed for this person.
        public let signed: String
    }

    /// How many recovery codes there are at first.
    public static let recoveryCodeCount = 10

    /// Makes a secret for a person's authenticator.
    public func offerFactor(to user: UserID) -> OfferedFactor {
        let totp = TOTP()
        return OfferedFactor(totp: totp, signed: keys.sign("factor|\(user)|\(totp.base32)"))
    }

    /// The offer that a form sent back; nil when it is altered or another person's.
    public func offeredFactor(_ signed: String, to user: UserID) -> OfferedFactor? {
        guard let parts = keys.verify(signed)?.split(separator: "|"), parts.count == 3, parts[0] == "factor",
            parts[1] == user.text, let totp = TOTP(base32: String(parts[2]))
        else { return nil }
        return OfferedFactor(totp: totp, signed: signed)
    }

    /// Turns the second factor on, once a code shows that the authenticator has the secret. Other sessions end.
    ///
    /// - Returns: The recovery codes, which are shown once.
    /// - Throws: `ClinicError.invalid` with field `code`, `.notFound`.
    public func enableFactor(_ offer: OfferedFactor, code: String, for active: ActiveSession) async throws -> [String] {
        let now = clock()
        guard offer.totp.counter(of: Self.plain(code), at: now) != nil else {
            throw ClinicError(.invalid, "errors.accounts.factorCode", field: "code")
        }
        let sealed = try keys.seal(offer.totp.base32, for: active.user.id)
        let codes = (0..<Self.recoveryCodeCount).map { _ in Self.newRecoveryCode() }
        let id = active.user.id
        try await database.write { transaction in
            var user = try Self.required(id, in: transaction)
            user.totpSecret = sealed
            try transaction.update(user)
            try transaction.deleteOneTimeTokens(purpose: .recoveryCode, of: id)
            for code in codes {
                try transaction.insert(
                    OneTimeToken(
                        digest: Self.recoveryDigest(code, of: id), purpose: .recoveryCode, userID: id,
                        expiresAt: now.addingTimeInterval(20 * 365 * 86_400)))
            }
            try transaction.deleteSessions(of: id, except: active.session.digest)
            try transaction.append(AuditEntry(.user(.update), by: .user(id), detail: "second-factor=on", at: now))
        }
        return codes
    }

    /// Turns the second factor off; asks for the password.
    ///
    /// - Throws: `ClinicError.invalid` with field `password`.
    public func disableFactor(of id: UserID, password: String) async throws {
        try await confirm(password, of: id)
        let now = clock()
        try await database.write { transaction in
            try Self.removeFactor(of: id, in: transaction)
            try transaction.append(AuditEntry(.user(.update), by: .user(id), detail: "second-factor=off", at: now))
        }
    }

    /// Turns the second factor off for somebody who has lost it, from the command line.
    ///
    /// - Throws: `ClinicError.notFound`.
    public func disableFactor(of id: UserID, by actor: AuditEntry.Actor) async throws {
        let now = clock()
        try await database.write { transaction in
            try Self.removeFactor(of: id, in: transaction)
            try transaction.append(
                AuditEntry(.user(.update), by: actor, object: id.text, detail: "second-factor=off", at: now))
        }
    }

    static func removeFactor(of id: UserID, in transaction: any UserRows & CredentialRows) throws {
        var user = try required(id, in: transaction)
        user.totpSecret = nil
        try transaction.update(user)
        try transaction.deleteOneTimeTokens(purpose: .recoveryCode, of: id)
    }

    /// Whether a code is right, and was not used before; uses it up (RFC 6238, 5.2).
    func useCode(_ typed: String, of user: User) async throws -> Bool {
        guard let sealed = user.totpSecret else { return false }
        let code = Self.plain(typed)
        let now = clock()
        guard code.count == 6 else {
            let digest = Self.recoveryDigest(code, of: user.id)
            return try await database.write { transaction in
                try transaction.consumeOneTimeToken(digest: digest, purpose: .recoveryCode, now: now) != nil
            }
        }
        guard let totp = TOTP(base32: try keys.open(sealed, for: user.id)) else {
            throw ClinicError(.corrupt, fault: "A second factor cannot be read.")
        }
        guard let counter = totp.counter(of: code, at: now) else { return false }
        let digest = SecretToken.digest(of: "used|\(user.id)|\(counter)")
        return try await database.write { transaction in
            guard try transaction.oneTimeToken(digest: digest, purpose: .usedCode, now: now) == nil else {
                return false
            }
            try transaction.insert(
                OneTimeToken(
                    digest: digest, purpose: .usedCode, userID: user.id,
                    expiresAt: now.addingTimeInterval(4 * TOTP.period)))
            return true
        }
    }

    /// 80 random bits as four groups of four characters.
    private static func newRecoveryCode() -> String {
        var generator = SystemRandomNumberGenerator()
        let text = Base32.encode((0..<10).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).lowercased()
        return stride(from: 0, to: 16, by: 4).map { start in
            String(text.dropFirst(start).prefix(4))
        }.joined(separator: "-")
    }

    private static func recoveryDigest(_ code: String, of user: UserID) -> String {
        SecretToken.digest(of: "recovery|\(user)|\(plain(code))")
    }

    private static func plain(_ code: String) -> String {
        code.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}
