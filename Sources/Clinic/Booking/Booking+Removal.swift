import Foundation

extension Booking {
    /// An appointment that ended because an account was deleted, and whom to tell.
    public struct Released: Sendable, Equatable {
        public let appointment: Appointment
        /// The other person; nil for one without an account.
        public let reader: LetterReader?
        /// The zone of the clinic's clocks.
        public let timeZone: String
    }

    /// Calls off everything open of somebody whose account is about to be deleted, on both sides, and frees the slots.
    /// Belongs before `deleteUser` in the same transaction.
    ///
    /// - Returns: What was called off.
    static func releaseAll(
        of user: UserID, now: Date,
        in transaction: any AppointmentRows & DoctorRows & UserRows & ReadingRows & ScreeningRows & NoticeRows
            & AuditRows & VisitMessageRows
    ) throws -> [Released] {
        let own = try transaction.doctor(of: user)
        let asPatient = try transaction.appointments(of: user, limit: 1000).filter { $0.isOpen(at: now) }
        let asDoctor =
            try own.map {
                try transaction.appointments(of: $0.id, states: [.requested, .confirmed], from: now, limit: 10_000)
            } ?? []
        let doctors = Set((asPatient + asDoctor).map(\.doctorID)).sorted { $0.text < $1.text }
        for doctor in doctors { try transaction.lockBookings(of: doctor) }
        var released: [Released] = []
        for var appointment in asPatient + asDoctor {
            appointment.state = .cancelled
            appointment.reason = Appointment.accountDeleted
            appointment.sequence += 1
            appointment.updatedAt = now
            try transaction.update(appointment)
            try transaction.append(
                AuditEntry(
                    .appointment(.cancel), by: .user(user), object: appointment.id.text, detail: "account deleted",
                    at: now))
            if appointment.patientID != user {
                try VisitMessages.note(.cancelled, of: appointment, now: now, in: transaction)
            }
            try Sharing.end(of: appointment, by: .user(user), now: now, in: transaction)
            released.append(try self.released(appointment, by: user, in: transaction))
        }
        for doctor in doctors { try refreshNextFree(of: doctor, now: now, in: transaction) }
        return released
    }

    private static func released(
        _ appointment: Appointment, by user: UserID, in transaction: any DoctorRows & UserRows
    ) throws -> Released {
        let doctor = try transaction.doctor(appointment.doctorID)
        let other = appointment.patientID == user ? doctor?.userID : appointment.patientID
        return Released(
            appointment: appointment, reader: try other.flatMap { try transaction.user($0) }.map(\.letterReader),
            timeZone: doctor?.clinic.timeZone ?? "UTC")
    }
}

extension User {
    /// The person as the reader of a letter.
    var letterReader: LetterReader { LetterReader(email: email, language: language) }
}
