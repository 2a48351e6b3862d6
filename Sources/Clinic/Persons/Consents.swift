import Foundation

/// Asks people for their consent, keeps what they answer, and lets nothing be screened without it.
public struct Consents: Sendable {
    private let database: any ClinicDatabase
    /// The notice that is in force.
    public let notice: ConsentNotice
    private let clock: @Sendable () -> Date

    public init(
        database: any ClinicDatabase, notice: ConsentNotice = .current,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.notice, self.clock) = (database, notice, clock)
    }

    /// How somebody stands to the notice that is in force.
    public enum Standing: String, Sendable {
        case given
        /// Never asked, or not since this notice is in force or a backup was put back.
        case open
        /// Declined or withdrawn.
        case refused
    }

    static func standing(of consent: Consent?, under notice: ConsentNotice) -> Standing {
        // Days in this form stand in the order of time.
        guard let consent, consent.notice >= notice.since, consent.answer != .lapsed else { return .open }
        return consent.answer == .given ? .given : .refused
    }

    public func standing(of user: UserID) async throws -> Standing {
        try await database.read { [notice] in
            Self.standing(of: try $0.consent(of: user, for: nil), under: notice)
        }
    }

    /// Everything that an account answered, the oldest first.
    public func history(of user: UserID) async throws -> [Consent] {
        try await database.read { try $0.consents(of: user) }
    }

    /// Keeps an answer for the account, or for a person in its care.
    ///
    /// - Parameters:
    ///   - answer: Declining what is given already is withdrawing it.
    ///   - text: The notice as it was read.
    ///   - actor: Who says so: the person, or an operator who has it on paper.
    /// - Throws: `ClinicError.notFound` for a person in the care of somebody else.
    public func answer(
        _ answer: Consent.Answer, for dependent: DependentID? = nil, to text: ConsentText, of user: UserID,
        by actor: AuditEntry.Actor
    ) async throws {
        let now = clock()
        try await database.write { [notice] transaction in
            if let dependent { _ = try Dependent.owned(dependent, by: user, in: transaction) }
            try Self.record(
                Consent(of: user, for: dependent, answer, notice: notice.since, text: text, at: now), by: actor,
                in: transaction)
        }
    }

    static func record(
        _ consent: Consent, by actor: AuditEntry.Actor, in transaction: any ConsentRows & AuditRows
    ) throws {
        try transaction.append(consent)
        let act: AuditAction.ConsentAct =
            switch consent.answer {
            case .given: .give
            case .declined: .decline
            case .withdrawn: .withdraw
            case .lapsed: .lapse
            }
        try transaction.append(
            AuditEntry(
                .consent(act), by: actor, object: (consent.dependentID?.text ?? consent.userID.text),
                detail:
                    "notice=\(consent.notice) text=\(consent.text.digest.prefix(8)) language=\(consent.text.language)",
                at: consent.at))
    }

    /// After a backup was put back everybody who had agreed is asked again: what they answered since is not known.
    public static func lapse(at now: Date, in transaction: any ConsentRows & AuditRows) throws {
        for given in try transaction.givenConsents() {
            try record(
                Consent(
                    of: given.userID, for: given.dependentID, .lapsed, notice: given.notice, text: given.text, at: now),
                by: .system, in: transaction)
        }
    }

    /// Lets nobody go on whose images may not be screened.
    ///
    /// - Parameter dependent: Whose images they are; nil for the owner's own.
    /// - Throws: `ClinicError.consentNeeded`.
    public static func require(
        of user: UserID, for dependent: DependentID?, under notice: ConsentNotice, in transaction: any ConsentRows
    ) throws {
        guard standing(of: try transaction.consent(of: user, for: nil), under: notice) == .given else {
            throw ClinicError(.consentNeeded, "errors.consent.needed")
        }
        if let dependent { try requireGuardian(user, for: dependent, under: notice, in: transaction) }
    }

    /// Lets nothing become a person's in care for whom their guardian has not agreed.
    ///
    /// - Parameter field: The field of the form concerned.
    /// - Throws: `ClinicError.consentNeeded`.
    static func requireGuardian(
        _ guardian: UserID, for dependent: DependentID, under notice: ConsentNotice, field: String? = nil,
        in transaction: any ConsentRows
    ) throws {
        guard standing(of: try transaction.consent(of: guardian, for: dependent), under: notice) == .given else {
            throw ClinicError(.consentNeeded, "errors.consent.neededFor", field: field)
        }
    }

    /// Lets nothing go on that was sent before its consent was taken back.
    ///
    /// What nobody was ever asked for, such as the drawn cases of a demonstration, goes on, and so does what was sent under an
    /// earlier notice.
    ///
    /// - Throws: As `require`.
    public static func requireNotTakenBack(
        of user: UserID, for dependent: DependentID?, in transaction: any ConsentRows
    ) throws {
        func isTakenBack(for dependent: DependentID?) throws -> Bool {
            let last = try transaction.consent(of: user, for: dependent)?.answer
            return last != nil && last != .given
        }
        guard try !isTakenBack(for: nil) else { throw ClinicError(.consentNeeded, "errors.consent.needed") }
        if let dependent, try isTakenBack(for: dependent) {
            throw ClinicError(.consentNeeded, "errors.consent.neededFor")
        }
    }

    /// As `require`, for images that belong to no case yet.
    ///
    /// - Throws: As there; `ClinicError.notFound` for a person in the care of somebody else.
    public func require(of user: UserID, for dependent: DependentID? = nil) async throws {
        try await database.read { [notice] transaction in
            if let dependent { _ = try Dependent.owned(dependent, by: user, in: transaction) }
            try Self.require(of: user, for: dependent, under: notice, in: transaction)
        }
    }
}
