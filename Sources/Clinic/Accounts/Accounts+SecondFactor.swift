import Foundation

extension Accounts {
    /// A second factor that a person has not confirmed yet; nothing of it is stored.
    public struct OfferedFactor: Sendable, Equatable {
        public let totp: TOTP
        /// For the hidden field of the form: the secret, signed for one session of this person and ten minutes.
        public let signed: String
    }

    /// Seconds that an offer is good for.
    public static let offerLifetime: TimeInterval = 600

    /// How many recovery codes there are at first.
    public static let recoveryCodeCount = 10

    /// Makes a secret for the authenticator of somebody who has just shown who they are, in place of one that they have.
    ///
    /// - Throws: `ClinicError.invalid` with field `password`, `.notFound`.
    public func offerFactor(to confirmation: Confirmation, in session: LoginSession) async throws -> OfferedFactor {
        let user = try await database.read { try confirmation.user(in: $0) }
        let totp = TOTP()
        let end = Int(clock().addingTimeInterval(Self.offerLifetime).timeIntervalSince1970)
        let state = Self.state(of: user, in: session)
        return OfferedFactor(totp: totp, signed: keys.sign("factor|\(user.id)|\(totp.base32)|\(end)|\(state)"))
    }

    /// The offer that a form sent back; nil when it is altered, too old, of another session, or password or second factor
    /// have changed since it was made.
    public func offeredFactor(_ signed: String, to active: ActiveSession) -> OfferedFactor? {
        guard let parts = keys.verify(signed)?.split(separator: "|"), parts.count == 5, parts[0] == "factor",
            parts[1] == active.user.id.text, let totp = TOTP(base32: String(parts[2])), let end = Double(parts[3]),
            clock().timeIntervalSince1970 < end, parts[4] == Self.state(of: active.user, in: active.session)
        else { return nil }
        return OfferedFactor(totp: totp, signed: signed)
    }

    /// What an offer is bound to.
    private static func state(of user: User, in session: LoginSession) -> String {
        SecretToken.digest(of: "factor|\(session.digest)|\(user.passwordHash)|\(user.totpSecret ?? "")")
    }

    /// Turns the second factor on, or another one in its place, once a code shows that the authenticator has the secret.
    /// The code is used up, and other sessions end.
    ///
    /// - Parameters:
    ///   - offer: From `offeredFactor`.
    ///   - code: Six digits of the authenticator.
    ///   - active: The session that the offer was made in.
    /// - Returns: The recovery codes, which are shown once.
    /// - Throws: `ClinicError.invalid` with field `code`, and without a field when the account has changed meanwhile;
    ///   `.notFound`.
    public func enableFactor(_ offer: OfferedFactor, code: String, for active: ActiveSession) async throws -> [String] {
        let now = clock()
        let (id, session) = (active.user.id, active.session)
        guard let counter = offer.totp.counter(of: Self.plain(code), at: now) else {
            try await noteFailure(.confirmFailed, by: .user(id), of: id, detail: "new second factor")
            throw ClinicError(.invalid, "errors.accounts.factorCode", field: "code")
        }
        let sealed = try keys.seal(offer.totp.base32, for: id)
        let codes = (0..<Self.recoveryCodeCount).map { _ in Self.newRecoveryCode() }
        let state = Self.state(of: active.user, in: session)
        try await database.write { transaction in
            var user = try Self.required(id, in: transaction)
            guard Self.state(of: user, in: session) == state else {
                throw ClinicError(.invalid, "errors.accounts.factorExpired")
            }
            user.totpSecret = sealed
            try transaction.update(user)
            _ = try Self.useUp(counter, of: sealed, for: id, in: transaction, now: now)
            try transaction.deleteOneTimeTokens(purpose: .recoveryCode, of: id)
            for code in codes {
                try transaction.insert(
                    OneTimeToken(
                        digest: Self.recoveryDigest(code, of: id), purpose: .recoveryCode, userID: id,
                        expiresAt: now.addingTimeInterval(20 * 365 * 86_400)))
            }
            try transaction.deleteSessions(of: id, except: session.digest)
            try transaction.append(AuditEntry(.user(.update), by: .user(id), detail: "second-factor=on", at: now))
        }
        return codes
    }

    /// Turns the second factor off for somebody who has just shown who they are.
    ///
    /// - Throws: `ClinicError.invalid` with field `password`, `.notFound`.
    public func disableFactor(for confirmation: Confirmation) async throws {
        let id = confirmation.userID
        let now = clock()
        try await database.write { transaction in
            _ = try confirmation.user(in: transaction)
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
        return try await database.write { transaction in
            try Self.useUp(counter, of: sealed, for: user.id, in: transaction, now: now)
        }
    }

    /// Marks the code of a step as used, wherever it was asked for.
    ///
    /// - Parameter sealed: Names the secret, so that the codes of a new one are not those of the old.
    /// - Returns: False when it was used before.
    private static func useUp(
        _ counter: Int64, of sealed: String, for user: UserID, in transaction: any CredentialRows, now: Date
    ) throws -> Bool {
        let digest = SecretToken.digest(of: "used|\(user)|\(sealed)|\(counter)")
        do {
            try transaction.insert(
                OneTimeToken(
                    digest: digest, purpose: .usedCode, userID: user, expiresAt: now.addingTimeInterval(4 * TOTP.period)
                ))
            return true
        } catch let error as ClinicError where error.code == .duplicate {
            return false
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
