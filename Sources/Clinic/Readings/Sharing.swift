import Foundation

/// A patient lets doctors see whole cases or single screenings, and takes that back.
///
/// Only a doctor with whom the patient has an appointment that is not cancelled may be given something. When the last
/// such appointment is cancelled, what was shared is taken back in the same write: without a visit there is no reason
/// why that doctor should go on seeing it, and a patient who calls a visit off seldom thinks of it.
public struct Sharing: Sendable {
    /// Screenings that one form may share or take back.
    public static let maximumAtOnce = 200

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.database = database
        self.clock = clock
    }

    /// Lets a doctor see screenings. What is shared already stays so, with the consent of this call.
    ///
    /// - Parameters:
    ///   - screenings: Finished screenings of this patient; no other becomes visible by that.
    ///   - doctor: The entry in the directory.
    ///   - allowsTraining: Whether image and reading may train a better model, without the patient's name.
    ///   - user: The patient.
    /// - Throws: `ClinicError.notFound` for a screening of somebody else or a doctor who is not in the directory,
    ///   `.invalid` with field `screening` (none, too many, not done) or `doctor` (no account here), `.forbidden`
    ///   without an appointment.
    public func share(
        _ screenings: [ScreeningID], with doctor: DoctorID, allowsTraining: Bool = false, by user: UserID
    ) async throws {
        try Self.checkCount(screenings)
        let now = clock()
        try await database.write { transaction in
            let reader = try Self.reader(of: doctor, for: user, in: transaction)
            for id in screenings {
                let screening = try ScreeningAccess.owned(id, by: user, in: transaction)
                guard screening.state == .done else {
                    throw ClinicError(.invalid, "errors.sharing.notFinished", field: "screening")
                }
                try Self.share(
                    id, with: reader, allowsTraining: allowsTraining, by: .user(user), at: now, in: transaction)
            }
        }
    }

    /// Changes whether shared screenings may train a better model; who sees them stays the same.
    ///
    /// - Throws: `ClinicError.notFound` for a screening of somebody else or one that is not shared, `.invalid` with field
    ///   `screening`.
    public func allowTraining(
        _ allowsTraining: Bool, of screenings: [ScreeningID], with reader: UserID, by user: UserID
    ) async throws {
        try Self.checkCount(screenings)
        let now = clock()
        try await database.write { transaction in
            for id in screenings {
                _ = try ScreeningAccess.owned(id, by: user, in: transaction)
                guard try transaction.isShared(id, with: reader) else {
                    throw ClinicError(.notFound, "errors.sharing.none")
                }
                try Self.share(
                    id, with: reader, allowsTraining: allowsTraining, by: .user(user), at: now, in: transaction)
            }
        }
    }

    /// Takes screenings back from a clinician; from this moment on they are not there for them.
    ///
    /// - Throws: `ClinicError.notFound` for a screening of somebody else, `.invalid` with field `screening`.
    public func withdraw(_ screenings: [ScreeningID], from reader: UserID, by user: UserID) async throws {
        try Self.checkCount(screenings)
        let now = clock()
        try await database.write { transaction in
            var cases: Set<CaseID> = []
            for id in screenings {
                let screening = try ScreeningAccess.owned(id, by: user, in: transaction)
                guard try transaction.unshare(id, with: reader) else { continue }
                cases.insert(screening.caseID)
                try transaction.append(Self.withdrawal(of: id, from: reader, by: .user(user), at: now))
            }
            try Self.tell(reader, ofEnded: Array(cases), about: user, now: now, in: transaction)
        }
    }

    /// Takes back everything that a patient shares with a clinician.
    public func withdrawAll(from reader: UserID, by user: UserID) async throws {
        let now = clock()
        try await database.write { transaction in
            try Self.end(of: user, with: reader, by: .user(user), telling: [reader], now: now, in: transaction)
        }
    }

    /// Takes everything back that a patient shares with a clinician, whole cases too.
    ///
    /// - Parameter told: Who of the two is to be told.
    private static func end(
        of patient: UserID, with reader: UserID, by actor: AuditEntry.Actor, telling told: [UserID], now: Date,
        in transaction: any ReadingRows & ScreeningRows & NoticeRows & AuditRows
    ) throws {
        var cases: Set<CaseID> = []
        for shared in try transaction.sharedCases(by: patient, limit: Self.maximumListed)
        where shared.userID == reader {
            guard try transaction.unshareCase(shared.caseID, with: reader) else { continue }
            cases.insert(shared.caseID)
            try transaction.append(
                AuditEntry(
                    .smearCase(.unshare), by: actor, object: shared.caseID.text, detail: "with=\(reader)", at: now))
        }
        for id in try transaction.unshareAll(of: patient, with: reader) {
            if let screening = try transaction.screening(id) { cases.insert(screening.caseID) }
            try transaction.append(withdrawal(of: id, from: reader, by: actor, at: now))
        }
        for user in told {
            try tell(user, ofEnded: Array(cases), about: user == reader ? patient : reader, now: now, in: transaction)
        }
    }

    /// Takes back what patient and doctor of a cancelled appointment share, unless another appointment of the two
    /// holds. To be called in the write that cancels, after it.
    ///
    /// - Parameters:
    ///   - appointment: The one that was cancelled.
    ///   - actor: Who cancelled.
    public static func end(
        of appointment: Appointment, by actor: AuditEntry.Actor, now: Date,
        in transaction: any AppointmentRows & DoctorRows & ReadingRows & ScreeningRows & NoticeRows & AuditRows
    ) throws {
        let (patient, doctor) = (appointment.patientID, appointment.doctorID)
        guard try !transaction.hasAppointment(of: patient, with: doctor),
            let reader = try transaction.doctor(doctor)?.userID
        else { return }
        // Whoever cancelled was told on the page.
        let told: [UserID] = [patient, reader].filter { $0 != actor.userID }
        try end(of: patient, with: reader, by: actor, telling: told, now: now, in: transaction)
    }

    static func withdrawal(
        of id: ScreeningID, from reader: UserID, by actor: AuditEntry.Actor, at now: Date
    ) -> AuditEntry {
        AuditEntry(.screening(.unshare), by: actor, object: id.text, detail: "with=\(reader)", at: now)
    }

    /// The account of a doctor to whom this patient may give something.
    static func reader(
        of id: DoctorID, for patient: UserID, in transaction: any AppointmentRows & DoctorRows & UserRows
    ) throws -> UserID {
        guard let doctor = try transaction.doctor(id), doctor.status == .verified else {
            throw ClinicError(.notFound, "errors.doctors.notListed")
        }
        guard let reader = doctor.userID, reader != patient, let account = try transaction.user(reader),
            account.role == .clinician, !account.isDisabled
        else { throw ClinicError(.invalid, "errors.sharing.noReader", field: "doctor") }
        guard try transaction.hasAppointment(of: patient, with: id) else {
            throw ClinicError(.forbidden, "errors.sharing.noAppointment", field: "doctor")
        }
        return reader
    }

    private static func checkCount(_ screenings: [ScreeningID]) throws {
        guard !screenings.isEmpty else { throw ClinicError(.invalid, "errors.sharing.choose", field: "screening") }
        guard screenings.count <= maximumAtOnce else {
            throw ClinicError(
                .invalid, "errors.sharing.tooMany",
                ["count": screenings.count, "maximum": maximumAtOnce], field: "screening")
        }
    }
}
