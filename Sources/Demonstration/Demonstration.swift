import Casework
import Clinic
import Foundation
import Randomness
import Screening

/// Fills an empty database with fictional people, so that every part of the site can be tried: doctors around several
/// cities with hours, visits and reviews, a patient with drawn smears, and one account of each role.
///
/// Doctors are marked (`Doctor.isDemonstration`), their addresses end in `demo.invalid` (RFC 2606, section 2: no such
/// name can exist), and the smears are drawn and answered by the demonstration model. The same seed gives the same
/// doctors; only identifiers, passwords and dates differ.
public struct Demonstration: Sendable {
    /// An account that somebody may use.
    public struct Login: Sendable, Equatable {
        public let role: Role
        public let email: String
        public let password: String
    }

    let database: any ClinicDatabase
    let archive: any ImageArchive
    let accounts: Accounts
    /// Answers the drawn smears.
    let screener: Screener
    let seed: UInt64
    let consent: ConsentText?
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Empty, or filled by an earlier run.
    ///   - archive: Takes the drawn images.
    ///   - accounts: The rules of accounts over the same database.
    ///   - screener: The demonstration model.
    ///   - seed: Decides doctors, visits and drawings.
    ///   - consent: What the three accounts, which are nobody's, have agreed to; nil where whoever uses them is asked.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, archive: any ImageArchive, accounts: Accounts, screener: Screener,
        seed: UInt64 = 1, consent: ConsentText? = nil, clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.archive, self.accounts) = (database, archive, accounts)
        (self.screener, self.seed, self.consent, self.clock) = (screener, seed, consent, clock)
    }

    /// Fills the database if it is empty, and gives the three accounts new passwords.
    ///
    /// - Returns: The accounts in the order patient, clinician, administrator.
    /// - Throws: `ClinicError.forbidden` when there are people in the database that this did not put there; and what
    ///   database, archive and screener throw.
    public func prepare() async throws -> [Login] {
        let state = try await database.read { transaction in
            (
                people: try transaction.countUsers(role: nil),
                isFilled: try transaction.user(email: Self.email(of: .administrator)) != nil
            )
        }
        guard state.people == 0 || state.isFilled else {
            throw ClinicError(
                .forbidden,
                fault:
                    "There are \(state.people) accounts in this database; the demonstration fills only an empty one. "
                    + "Start without --demo, or name another folder with --data-dir.")
        }
        // The administrator comes last, so that a run that was broken off before is not taken for a whole one.
        if state.people == 0 { return try await fill() }
        var logins: [Login] = []
        for role in [Role.patient, .clinician, .administrator] { logins.append(try await renewed(role)) }
        return logins
    }

    private func fill() async throws -> [Login] {
        let patient = try await created(.patient)
        let clinician = try await created(.clinician)
        let now = clock()
        try await addDoctors(clinician: clinician.user, now: now)
        let cases = try await addCases(of: patient.user, now: now)
        try await addVisits(of: patient.user, with: clinician.user, sharing: cases, now: now)
        try await addApplicant(now: now)
        let administrator = try await created(.administrator)
        return [patient.login, clinician.login, administrator.login]
    }

    static func email(of role: Role) -> String {
        role == .administrator ? "admin@demo.invalid" : "\(role.rawValue)@demo.invalid"
    }

    private static func name(of role: Role) -> String {
        role == .clinician ? "Dr. Asha Demo" : "Demonstration \(role.rawValue.capitalized)"
    }

    private func created(_ role: Role) async throws -> (user: User, login: Login) {
        let password = Self.newPassword()
        let registration = Accounts.Registration(
            email: Self.email(of: role), name: Self.name(of: role), password: password, consent: consent)
        var user = try await accounts.create(registration, role: role)
        if role == .patient, let home = DemonstrationCity.all.first {
            user.place = UserPlace(
                name: home.name, latitude: home.position.latitude, longitude: home.position.longitude)
            let placed = user
            try await database.write { try $0.update(placed) }
        }
        return (user, Login(role: role, email: user.email, password: password))
    }

    private func renewed(_ role: Role) async throws -> Login {
        let (email, password) = (Self.email(of: role), Self.newPassword())
        guard let (_, secret) = try await accounts.offerReset(email: email, by: .system) else {
            throw ClinicError(
                .forbidden,
                fault: "The demonstration account \(email) is gone or disabled. Start with an empty --data-dir.")
        }
        try await accounts.resetPassword(secret, new: password, endingTokens: true)
        return Login(role: role, email: email, password: password)
    }

    /// 128 random bits as people can type them.
    private static func newPassword() -> String {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return (0..<5).map { _ in
            String((0..<5).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
        }.joined(separator: "-")
    }
}
