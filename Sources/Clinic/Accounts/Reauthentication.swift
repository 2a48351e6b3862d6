import Foundation

/// What somebody who is logged in gives once more before a sensitive change.
public struct Reauthentication: Sendable {
    public var password: String
    /// Six digits of the authenticator, or a recovery code; empty where the account has no second factor.
    public var code: String

    public init(password: String, code: String = "") {
        (self.password, self.code) = (password, code)
    }
}

extension Accounts {
    /// Shows that somebody has just given password and code. `confirm` alone makes one, and what is sensitive asks for
    /// one, so that nothing leads around the gate.
    public struct Confirmation: Sendable {
        /// The account as it was when this was given.
        private let user: User

        fileprivate init(_ user: User) { self.user = user }

        public var userID: UserID { user.id }

        /// The account as it is now.
        ///
        /// - Throws: `ClinicError.notFound`; `.invalid` with field `password` when password or second factor were
        ///   changed since, or the account was disabled.
        func user(in transaction: any UserRows) throws -> User {
            let current = try Accounts.required(user.id, in: transaction)
            guard current.passwordHash == user.passwordHash, current.totpSecret == user.totpSecret, !current.isDisabled
            else { throw ClinicError(.invalid, "errors.accounts.passwordChanged", field: "password") }
            return current
        }
    }

    /// The one gate before sensitive changes (OWASP ASVS 5.0, 7.5.1 and 7.5.3): the password, and a code of the second
    /// factor where the account has one, which is used up. A failure stands in the audit log. Whoever lets people from
    /// outside try counts the attempts as those of the login.
    ///
    /// - Throws: `ClinicError.invalid` with field `password` or `code`, `.notFound`, `.busy`.
    public func confirm(_ given: Reauthentication, of id: UserID) async throws -> Confirmation {
        let user = try await database.read { try Self.required(id, in: $0) }
        // A password longer than any that was accepted is not worth the hashing.
        guard PasswordRules.length(given.password) <= PasswordRules.maximumLength,
            try await hasher.verify(given.password, against: user.passwordHash)
        else {
            try await noteFailure(.confirmFailed, by: .user(id), of: id, detail: "password")
            throw ClinicError(.invalid, "errors.accounts.password", field: "password")
        }
        if user.totpSecret != nil, try await !useCode(given.code, of: user) {
            try await noteFailure(.confirmFailed, by: .user(id), of: id, detail: "code")
            throw ClinicError(.invalid, "errors.accounts.loginCode", field: "code")
        }
        return Confirmation(user)
    }

    /// Seconds after which a signature asks for the password again.
    public static let signingPeriod: TimeInterval = 15 * 60

    /// Whether a signature of this session asks for the password first.
    public func needsConfirmation(_ session: LoginSession) -> Bool {
        clock() >= session.confirmedAt.addingTimeInterval(Self.signingPeriod)
    }

    /// Notes that whoever has this session has just given the password, so that signatures go on for a while.
    public func extend(_ session: LoginSession, by confirmation: Confirmation) async throws {
        guard confirmation.userID == session.userID else { return }
        let now = clock()
        try await database.write { try $0.confirmSession(digest: session.digest, at: now) }
    }

    /// Writes down that somebody could not show who they are.
    func noteFailure(
        _ act: AuditAction.UserAct, by actor: AuditEntry.Actor, of user: UserID?, detail: String
    ) async throws {
        let entry = AuditEntry(.user(act), by: actor, object: user?.text ?? "", detail: detail, at: clock())
        try await database.write { try $0.append(entry) }
    }
}
