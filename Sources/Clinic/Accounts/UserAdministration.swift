import Foundation

/// What administrators may do with other people's accounts.
///
/// There is always an administrator who can log in, and nobody takes the own rights away: whoever would end that is
/// told so and nothing changes. Each change asks who the administrator is once more (`Accounts.confirm`), so that a browser
/// that was left open cannot make another administrator, and stands in the audit log.
public struct UserAdministration: Sendable {
    private let accounts: Accounts
    private var database: any ClinicDatabase { accounts.database }

    public init(accounts: Accounts) {
        self.accounts = accounts
    }

    /// An account as an administrator sees it.
    public struct Overview: Sendable {
        public let user: User
        /// Browsers that are logged in.
        public let sessions: Int
        /// API tokens that open something.
        public let tokens: Int
        public let cases: Int
        /// The person's entry in the directory.
        public let doctor: Doctor?
        /// Whether nobody else is left to administer the site.
        public let isLastAdministrator: Bool
    }

    /// Accounts, newest first; `search` is the beginning of e-mail or name.
    public func users(search: String, role: Role?, limit: Int, offset: Int) async throws -> [User] {
        try await database.read { try $0.users(search: search, role: role, limit: limit, offset: offset) }
    }

    /// Looks at an account, which is written down.
    ///
    /// - Throws: `ClinicError.notFound`.
    public func overview(of id: UserID, by administrator: UserID) async throws -> Overview {
        let now = accounts.clock()
        return try await database.write { transaction in
            let user = try Accounts.required(id, in: transaction)
            try transaction.append(AuditEntry(.user(.read), by: .user(administrator), object: id.text, at: now))
            return Overview(
                user: user, sessions: try transaction.countSessions(of: id),
                tokens: try transaction.apiTokens(of: id).filter { $0.isValid(at: now) }.count,
                cases: try transaction.countCases(of: id), doctor: try transaction.doctor(of: id),
                isLastAdministrator: try Self.isLastAdministrator(user, in: transaction))
        }
    }

    /// Changes what somebody may do; every session of theirs ends (OWASP ASVS 5.0, 7.4.2).
    ///
    /// - Throws: `ClinicError.invalid` with field `password` or `role`, `.notFound`, `.busy`.
    public func setRole(
        _ role: Role, of id: UserID, by administrator: Accounts.Confirmation
    ) async throws {
        try await change(id, by: administrator, .user(.role), detail: "role=\(role.rawValue)") {
            user, transaction in
            guard user.role != role else { throw ClinicError(.invalid, "errors.accounts.sameRole", field: "role") }
            try Self.protect(user, from: administrator.userID, field: "role", in: transaction)
            user.role = role
        }
    }

    /// Locks an account: its sessions end, its tokens open nothing.
    ///
    /// - Throws: As `setRole`, with field `state`.
    public func disable(_ id: UserID, by administrator: Accounts.Confirmation) async throws {
        try await change(id, by: administrator, .user(.disable)) { user, transaction in
            guard !user.isDisabled else {
                throw ClinicError(.invalid, "errors.accounts.disabledAlready", field: "state")
            }
            try Self.protect(user, from: administrator.userID, field: "state", in: transaction)
            user.isDisabled = true
        }
    }

    /// Opens an account again.
    ///
    /// - Throws: As `setRole`, with field `state`.
    public func enable(_ id: UserID, by administrator: Accounts.Confirmation) async throws {
        try await change(id, by: administrator, .user(.enable)) { user, _ in
            guard user.isDisabled else {
                throw ClinicError(.invalid, "errors.accounts.notDisabled", field: "state")
            }
            user.isDisabled = false
        }
    }

    /// Somebody who is to have an account.
    public struct Invitation: Sendable {
        public var email: String
        public var name: String
        public var role: Role

        public init(email: String, name: String, role: Role) {
            (self.email, self.name, self.role) = (email, name, role)
        }
    }

    /// Seconds that the link of an invitation is good for: a week, for letters lie about.
    public static let invitationLifetime: TimeInterval = 7 * 86_400

    /// Makes an account that nobody can log in to before its owner has chosen a password by the link.
    ///
    /// - Returns: The account and the secret of its link, good once and for a week; whoever has the link has the account.
    /// - Throws: `ClinicError.invalid` with field `email`, `name` or `password`, `.duplicate` with field `email`, `.busy`.
    public func invite(
        _ invitation: Invitation, by administrator: Accounts.Confirmation
    ) async throws -> (user: User, secret: SecretToken) {
        let (email, name) = (try AccountRules.email(invitation.email), try AccountRules.name(invitation.name))
        let now = accounts.clock()
        // A password that is told to nobody.
        let hash = try await accounts.hasher.hash(SecretToken().text)
        let user = User(email: email, name: name, role: invitation.role, passwordHash: hash, createdAt: now)
        let secret = try await database.write { transaction in
            try Self.require(administrator, in: transaction)
            try transaction.insert(user)
            try transaction.append(
                AuditEntry(
                    .user(.register), by: .user(administrator.userID), object: user.id.text,
                    detail: "role=\(user.role.rawValue) invited", at: now))
            return try Self.link(for: user.id, until: now.addingTimeInterval(Self.invitationLifetime), in: transaction)
        }
        return (user, secret)
    }

    /// Seconds that the link for a new password is good for when an administrator gives it: a day.
    public static let resetLifetime: TimeInterval = 86_400

    /// A link by which somebody chooses a new password; the old one and the sessions stay until then.
    ///
    /// - Throws: `ClinicError.invalid` with field `password`, or `state` for a disabled account; `.notFound`.
    public func offerReset(
        of id: UserID, by administrator: Accounts.Confirmation
    ) async throws -> (user: User, secret: SecretToken) {
        let now = accounts.clock()
        return try await database.write { transaction in
            try Self.require(administrator, in: transaction)
            let user = try Accounts.required(id, in: transaction)
            guard !user.isDisabled else {
                throw ClinicError(.invalid, "errors.accounts.activateFirst", field: "state")
            }
            try transaction.append(
                AuditEntry(.user(.reset), by: .user(administrator.userID), object: id.text, detail: "link", at: now))
            let secret = try Self.link(for: id, until: now.addingTimeInterval(Self.resetLifetime), in: transaction)
            return (user, secret)
        }
    }

    /// Turns the second factor off for somebody who has lost it with the recovery codes; every session ends.
    ///
    /// - Returns: The account.
    /// - Throws: `ClinicError.invalid` with field `password`, or `state` where there is no second factor; `.notFound`.
    public func removeFactor(of id: UserID, by administrator: Accounts.Confirmation) async throws -> User {
        try await change(id, by: administrator, .user(.update), detail: "second-factor=off") { user, transaction in
            guard user.totpSecret != nil else {
                throw ClinicError(.invalid, "errors.accounts.noFactor", field: "state")
            }
            user.totpSecret = nil
            try transaction.deleteOneTimeTokens(purpose: .recoveryCode, of: id)
        }
    }

    private static func link(for id: UserID, until end: Date, in transaction: any CredentialRows) throws -> SecretToken
    {
        let secret = SecretToken()
        try transaction.insert(
            OneTimeToken(digest: secret.digest, purpose: .passwordReset, userID: id, expiresAt: end))
        return secret
    }

    private static func require(_ administrator: Accounts.Confirmation, in transaction: any UserRows) throws {
        guard try administrator.user(in: transaction).role == .administrator else {
            throw ClinicError(.notFound, "errors.nothingHere")
        }
    }

    /// Ends every session of somebody; they may log in again. Asks for nothing, for it takes nothing away.
    ///
    /// - Parameter endingTokens: Whether the API tokens end as well.
    /// - Returns: How many of both ended.
    /// - Throws: `ClinicError.notFound`.
    public func signOut(
        _ id: UserID, by administrator: UserID, endingTokens: Bool
    ) async throws -> (sessions: Int, tokens: Int) {
        let now = accounts.clock()
        return try await database.write { transaction in
            _ = try Accounts.required(id, in: transaction)
            return try Accounts.endSessions(
                of: id, by: .user(administrator), endingTokens: endingTokens, in: transaction, now: now)
        }
    }

    @discardableResult
    private func change(
        _ id: UserID, by administrator: Accounts.Confirmation, _ action: AuditAction, detail: String = "",
        _ edit: @escaping @Sendable (inout User, any UserRows & CredentialRows) throws -> Void
    ) async throws -> User {
        let now = accounts.clock()
        return try await database.write { transaction in
            // The chain of the log is held from here to the commit, so that two administrators who demote each other at
            // the same moment are one after the other, and the second sees what the first did.
            try transaction.append(
                AuditEntry(action, by: .user(administrator.userID), object: id.text, detail: detail, at: now))
            _ = try transaction.auditHead()
            try Self.require(administrator, in: transaction)
            var user = try Accounts.required(id, in: transaction)
            try edit(&user, transaction)
            try transaction.update(user)
            try transaction.deleteSessions(of: id, except: nil)
            return user
        }
    }

    /// Keeps an account's rights where losing them would lock everybody out, or the administrator who asks.
    private static func protect(
        _ user: User, from administrator: UserID, field: String, in transaction: any UserRows
    ) throws {
        guard user.role == .administrator else { return }
        guard try !isLastAdministrator(user, in: transaction) else {
            throw ClinicError(.invalid, "errors.accounts.lastAdministrator", field: field)
        }
        guard user.id != administrator else { throw ClinicError(.invalid, "errors.accounts.ownRights", field: field) }
    }

    /// Whether this is an administrator who can log in, and there is no other.
    static func isLastAdministrator(_ user: User, in transaction: any UserRows) throws -> Bool {
        guard user.role == .administrator, !user.isDisabled else { return false }
        var offset = 0
        while true {
            let page = try transaction.users(search: "", role: .administrator, limit: 100, offset: offset)
            if page.contains(where: { $0.id != user.id && !$0.isDisabled }) { return false }
            guard page.count == 100 else { return true }
            offset += 100
        }
    }
}
