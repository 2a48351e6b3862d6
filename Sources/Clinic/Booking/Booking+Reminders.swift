import Foundation

extension Booking {
    /// Confirmed appointments of the next day whose reminder has not gone out, earliest first.
    ///
    /// One that begins within the hour is left out: a letter would come too late to be of use.
    public func appointmentsToRemind(limit: Int = 200) async throws -> [Appointment] {
        let now = clock()
        return try await database.read {
            try $0.appointmentsToRemind(
                from: now.addingTimeInterval(3600), until: now.addingTimeInterval(86_400), limit: limit)
        }
    }

    /// Takes the sending of a reminder upon oneself. Of two servers at once, one gets true, and after a restart nobody.
    public func claimReminder(_ id: AppointmentID) async throws -> Bool {
        let now = clock()
        return try await database.write { try $0.claimReminder(id, at: now) }
    }

    /// Gives a reminder back that could not be sent, so that it is tried again.
    public func releaseReminder(_ appointment: Appointment) async throws {
        try await database.write { transaction in
            try transaction.lockBookings(of: appointment.doctorID)
            guard var stored = try transaction.appointment(appointment.id) else { return }
            stored.remindedAt = nil
            try transaction.update(stored)
        }
    }

    /// Whom a letter on an appointment may go to.
    public struct Addressees: Sendable {
        public let doctor: Doctor
        public let patientEmail: String?
        /// The address of the doctor's account; nil for an entry that nobody has claimed.
        public let doctorEmail: String?
    }

    /// Who is on both sides; nil when the doctor's entry is gone.
    public func addressees(of appointment: Appointment) async throws -> Addressees? {
        try await database.read { transaction in
            guard let doctor = try transaction.doctor(appointment.doctorID) else { return nil }
            let account = try doctor.userID.flatMap { try transaction.user($0) }
            return Addressees(
                doctor: doctor, patientEmail: try transaction.user(appointment.patientID)?.email,
                doctorEmail: account?.email)
        }
    }
}
