import Foundation

/// What administrators decide, and how an entry leaves the directory.
extension Directory {
    /// Verifies an entry; a patient's account becomes a clinician's, and its sessions end (OWASP ASVS 5.0, 7.4.2). An
    /// administrator stays one.
    ///
    /// - Throws: `ClinicError.notFound` where there is no such entry, or the asker is no administrator.
    public func approve(_ id: DoctorID, by administrator: UserID) async throws -> Doctor {
        try await decide(id, by: administrator, action: .doctor(.approve)) { doctor, now, transaction in
            guard doctor.status != .verified else { return false }
            doctor.status = .verified
            doctor.statusReason = ""
            try Self.makeClinician(doctor.userID, by: .user(administrator), now: now, in: transaction)
            return true
        }
    }

    /// Turns an entry down, one that was verified too. The account keeps its role: what a clinician was shown by patients
    /// is withdrawn by them, or by an administrator who changes the role.
    ///
    /// - Parameter reason: For the doctor, 1 to 1000 characters.
    /// - Throws: As `approve`; `ClinicError.invalid` with field `reason`.
    public func refuse(_ id: DoctorID, reason: String, by administrator: UserID) async throws -> Doctor {
        let reason = try Self.reason(reason, isNeeded: true)
        return try await decide(id, by: administrator, action: .doctor(.refuse)) { doctor, _, _ in
            doctor.status = .refused
            doctor.statusReason = reason
            return true
        }
    }

    /// Takes an entry out of the directory. Appointments that are agreed stay; no new one can be made. Its doctor may send
    /// it in again, and it waits then as a new one does.
    ///
    /// - Parameter reason: For the doctor, when an administrator does it; else it may be empty.
    /// - Throws: `ClinicError.notFound` where there is no such entry, or it is neither the asker's own nor is the asker an
    ///   administrator; `.invalid` with field `reason`.
    public func retire(_ id: DoctorID, reason: String = "", by user: UserID) async throws -> Doctor {
        let now = clock()
        return try await database.write { transaction in
            guard let actor = try transaction.user(user), var doctor = try transaction.doctor(id),
                doctor.userID == user || actor.role == .administrator
            else { throw Self.nothingHere }
            guard doctor.status != .retired else { return doctor }
            doctor.status = .retired
            doctor.statusReason = try Self.reason(reason, isNeeded: doctor.userID != user)
            return try Self.store(doctor, action: .doctor(.retire), by: .user(user), now: now, in: transaction)
        }
    }

    /// Hands an imported entry that nobody has claimed over to an account.
    ///
    /// - Parameter actor: An administrator, or the system: a person at the server's command line.
    /// - Throws: `ClinicError.notFound`; `.duplicate` when the entry is somebody's, or the account has one.
    public func assign(_ id: DoctorID, to user: UserID, by actor: AuditEntry.Actor) async throws -> Doctor {
        let now = clock()
        return try await database.write { transaction in
            try Self.requireAdministrator(actor, in: transaction)
            guard var doctor = try transaction.doctor(id), try transaction.user(user) != nil else {
                throw Self.nothingHere
            }
            guard doctor.userID == nil else {
                throw ClinicError(.duplicate, "errors.directory.hasAccount", field: "userID")
            }
            guard try transaction.doctor(of: user) == nil else {
                throw ClinicError(.duplicate, "errors.directory.hasEntry", field: "userID")
            }
            doctor.userID = user
            if doctor.status == .verified { try Self.makeClinician(user, by: actor, now: now, in: transaction) }
            return try Self.store(
                doctor, action: .doctor(.update), detail: "user=\(user)", by: actor, now: now, in: transaction)
        }
    }

    private func decide(
        _ id: DoctorID, by administrator: UserID, action: AuditAction,
        _ change: @escaping @Sendable (inout Doctor, Date, any UserRows & CredentialRows & AuditRows) throws -> Bool
    ) async throws -> Doctor {
        let now = clock()
        return try await database.write { transaction in
            try Self.requireAdministrator(.user(administrator), in: transaction)
            guard var doctor = try transaction.doctor(id) else { throw Self.nothingHere }
            guard try change(&doctor, now, transaction) else { return doctor }
            return try Self.store(doctor, action: action, by: .user(administrator), now: now, in: transaction)
        }
    }

    private static func store(
        _ changed: Doctor, action: AuditAction, detail: String = "", by actor: AuditEntry.Actor, now: Date,
        in transaction: any DoctorRows & AppointmentRows & AuditRows
    ) throws -> Doctor {
        var doctor = changed
        doctor.updatedAt = now
        try transaction.update(doctor)
        try Booking.refreshNextFree(of: doctor.id, now: now, in: transaction)
        try transaction.append(AuditEntry(action, by: actor, object: doctor.id.text, detail: detail, at: now))
        return try transaction.doctor(doctor.id) ?? doctor
    }

    private static func makeClinician(
        _ id: UserID?, by actor: AuditEntry.Actor, now: Date, in transaction: any UserRows & CredentialRows & AuditRows
    ) throws {
        guard let id, var user = try transaction.user(id), user.role == .patient else { return }
        user.role = .clinician
        try transaction.update(user)
        try transaction.deleteSessions(of: id, except: nil)
        try transaction.append(AuditEntry(.user(.role), by: actor, object: id.text, detail: "role=clinician", at: now))
    }

    static func requireAdministrator(_ actor: AuditEntry.Actor, in transaction: any UserRows) throws {
        switch actor {
        case .system: return
        case .user(let id), .token(_, let id):
            guard let user = try transaction.user(id), user.role == .administrator, !user.isDisabled else {
                throw nothingHere
            }
        case .anonymous: throw nothingHere
        }
    }

    static func reason(_ text: String, isNeeded: Bool) throws -> String {
        let reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !isNeeded || !reason.isEmpty else {
            throw ClinicError(.invalid, "errors.directory.reason", field: "reason")
        }
        guard reason.unicodeScalars.count <= maximumReason else {
            throw ClinicError(.invalid, "errors.texts.tooLong", ["maximum": maximumReason], field: "reason")
        }
        return reason
    }
}
