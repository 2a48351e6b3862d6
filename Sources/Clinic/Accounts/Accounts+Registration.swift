import Foundation

extension Accounts {
    /// What somebody tells of themselves to get an account.
    public struct Registration: Sendable {
        public var email: String
        public var name: String
        public var password: String
        /// The notice that they read and agreed to; nil where they have not been asked.
        public var consent: ConsentText?

        public init(email: String, name: String, password: String, consent: ConsentText? = nil) {
            (self.email, self.name, self.password, self.consent) = (email, name, password, consent)
        }
    }

    static var noConsent: ClinicError { ClinicError(.invalid, "errors.consent.box", field: "consent") }

    /// A session that has just begun.
    public struct OpenedSession: Sendable, Equatable {
        public let user: User
        /// What the cookie holds.
        public let secret: SecretToken
        /// Seconds that it lasts at most.
        public let lifetime: TimeInterval
    }

    /// Makes a patient's account and logs in. Nobody gets one without their consent.
    ///
    /// - Throws: `ClinicError.invalid` and `.duplicate` with the field that has to change, `.busy`.
    public func register(_ registration: Registration) async throws -> OpenedSession {
        let user = try await newUser(registration, role: .patient)
        guard let consent = registration.consent else { throw Self.noConsent }
        let now = clock()
        return try await database.write { transaction in
            try insert(user, consent, by: .anonymous, detail: "role=patient", in: transaction, now: now)
        }
    }

    /// Makes an account of any role, for the command line. Where the person has not agreed yet, they are asked when they first
    /// log in.
    ///
    /// - Throws: As `register`.
    public func create(_ registration: Registration, role: Role) async throws -> User {
        let user = try await newUser(registration, role: role)
        let now = clock()
        try await database.write { [notice] transaction in
            try transaction.insert(user)
            try transaction.append(
                AuditEntry(
                    .user(.register), by: .system, object: user.id.text, detail: "role=\(role.rawValue)", at: now)
            )
            guard let consent = registration.consent else { return }
            try Consents.record(
                Consent(of: user.id, .given, notice: notice.since, text: consent, at: now), by: .system,
                in: transaction)
        }
        return user
    }

    /// Checks everything and hashes the password; nothing is stored. Takes the same time whether the address is known
    /// or not.
    func newUser(_ registration: Registration, role: Role) async throws -> User {
        let email = try AccountRules.email(registration.email)
        let name = try AccountRules.name(registration.name)
        try PasswordRules.check(registration.password, email: email, name: name, not: leaked)
        return User(
            email: email, name: name, role: role, passwordHash: try await hasher.hash(registration.password),
            createdAt: clock())
    }

    func insert(
        _ user: User, _ consent: ConsentText, by actor: AuditEntry.Actor, detail: String,
        in transaction: any UserRows & CredentialRows & ConsentRows & AuditRows, now: Date
    ) throws -> OpenedSession {
        try transaction.insert(user)
        try transaction.append(
            AuditEntry(.user(.register), by: actor, object: user.id.text, detail: detail, at: now))
        try Consents.record(
            Consent(of: user.id, .given, notice: notice.since, text: consent, at: now), by: .user(user.id),
            in: transaction)
        let secret = try openSession(of: user, in: transaction, now: now)
        return OpenedSession(user: user, secret: secret, lifetime: policy.absolute(user.role))
    }
}
