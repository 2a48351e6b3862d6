import Foundation

extension Booking {
    /// The doctor agrees.
    ///
    /// - Throws: As `change`.
    public func confirm(_ id: AppointmentID, by user: UserID, reason: String = "") async throws -> Appointment {
        try await change(id, .confirm, by: user, reason: reason)
    }

    /// Either side calls it off; the slot is free again.
    ///
    /// - Parameter reason: For the other side; needed.
    /// - Throws: As `change`; `ClinicError.invalid` with field `reason`.
    public func cancel(_ id: AppointmentID, by user: UserID, reason: String) async throws -> Appointment {
        try await change(id, .cancel, by: user, reason: reason)
    }

    /// The doctor says that the visit took place.
    ///
    /// - Throws: As `change`.
    public func complete(_ id: AppointmentID, by user: UserID, reason: String = "") async throws -> Appointment {
        try await change(id, .complete, by: user, reason: reason)
    }

    /// The doctor says that the patient did not come.
    ///
    /// - Throws: As `change`.
    public func miss(_ id: AppointmentID, by user: UserID, reason: String = "") async throws -> Appointment {
        try await change(id, .miss, by: user, reason: reason)
    }

    /// Moves an appointment as `AppointmentRule.table` allows.
    ///
    /// - Throws: `ClinicError.notFound` for who is on neither side, and what `AppointmentRule.state` throws.
    public func change(
        _ id: AppointmentID, _ action: AppointmentRule.Action, by user: UserID, reason: String
    ) async throws -> Appointment {
        let reason = try Self.text(
            reason, field: "reason", atMost: limits.reasonLength, isRequired: action == .cancel)
        return try await held(id, by: user) { found, side, now, transaction in
            var appointment = found
            appointment.state = try AppointmentRule.state(after: action, of: appointment, by: side, now: now)
            if action == .cancel { appointment.reason = reason }
            appointment.sequence += 1
            appointment.updatedAt = now
            try transaction.update(appointment)
            try transaction.append(
                AuditEntry(
                    Self.auditAction(action), by: .user(user), object: id.text, detail: "by=\(side.rawValue)", at: now))
            if action == .confirm {
                try transaction.post(
                    Notice(
                        to: appointment.patientID, .visitConfirmed, appointmentID: id, aboutID: user, createdAt: now))
            }
            if action == .confirm {
                try VisitMessages.note(.confirmed, of: appointment, now: now, in: transaction)
            }
            if action == .cancel {
                // Whoever cancels knows it.
                if side == .doctor {
                    try VisitMessages.note(.cancelled, of: appointment, now: now, in: transaction)
                }
                try Self.refreshNextFree(of: appointment.doctorID, now: now, in: transaction)
                try Sharing.end(of: appointment, by: .user(user), now: now, in: transaction)
            }
            return appointment
        }
    }

    /// Changes an appointment while nobody else books its doctor.
    ///
    /// - Throws: `ClinicError.notFound` for who is on neither side.
    func held(
        _ id: AppointmentID, by user: UserID,
        _ change:
            @escaping @Sendable (
                _ found: Appointment, _ side: AppointmentRule.Side, _ now: Date, _ transaction: any ClinicTransaction
            ) throws -> Appointment
    ) async throws -> Appointment {
        // The doctor of an appointment never changes, so that it may be read before the lock.
        let doctor = try await database.read { try Self.party(id, user, in: $0).appointment.doctorID }
        let now = clock()
        return try await database.write { transaction in
            try transaction.lockBookings(of: doctor)
            let (found, side) = try Self.party(id, user, in: transaction)
            return try change(found, side, now, transaction)
        }
    }

    private static func auditAction(_ action: AppointmentRule.Action) -> AuditAction {
        switch action {
        case .confirm: .appointment(.confirm)
        case .cancel: .appointment(.cancel)
        case .complete: .appointment(.complete)
        case .miss: .appointment(.missed)
        }
    }

    /// An appointment and on which side of it somebody is.
    ///
    /// - Throws: `ClinicError.notFound` for who is on neither.
    static func party(
        _ id: AppointmentID, _ user: UserID, in transaction: any AppointmentRows & DoctorRows
    ) throws -> (appointment: Appointment, side: AppointmentRule.Side) {
        guard let appointment = try transaction.appointment(id) else { throw nothingHere }
        if appointment.patientID == user { return (appointment, .patient) }
        guard try transaction.doctor(appointment.doctorID)?.userID == user else { throw nothingHere }
        return (appointment, .doctor)
    }

    static var nothingHere: ClinicError { ClinicError(.notFound, "errors.nothingHere") }
}
