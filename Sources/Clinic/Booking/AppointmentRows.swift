import Foundation

/// Appointments.
public protocol AppointmentRows {
    /// Keeps other bookings of this doctor out until the end of the transaction.
    func lockBookings(of doctor: DoctorID) throws
    /// - Throws: `ClinicError.duplicate` with field `slot` when the doctor has another appointment at this time that
    ///   holds its slot. Two that only overlap are for the rules to refuse, under `lockBookings`.
    func insert(_ appointment: Appointment) throws
    func appointment(_ id: AppointmentID) throws -> Appointment?
    /// Stores time, state, note, phone, videoAddress, reason, sequence, remindedAt and updatedAt.
    ///
    /// - Throws: `ClinicError.notFound`.
    func update(_ appointment: Appointment) throws
    /// Those that hold their slot and overlap the time, in the order of their beginning.
    func appointments(of doctor: DoctorID, from: Date, until: Date) throws -> [Appointment]
    /// Whether a patient has an appointment with a doctor that is not cancelled.
    func hasAppointment(of patient: UserID, with doctor: DoctorID) throws -> Bool
    /// All of a patient, latest beginning first.
    func appointments(of patient: UserID, limit: Int) throws -> [Appointment]
    /// Of a doctor in these states, by their beginning, earliest first.
    func appointments(
        of doctor: DoctorID, states: Set<Appointment.State>, from: Date, limit: Int
    ) throws -> [Appointment]
    /// Appointments of a patient that are requested or confirmed and not over, for the limit a person may hold.
    func countOpenAppointments(of patient: UserID, now: Date) throws -> Int
    /// Confirmed ones that begin in the span and whose reminder has not gone out.
    func appointmentsToRemind(from: Date, until: Date, limit: Int) throws -> [Appointment]
    /// Marks the reminder as sent. Of two callers at once, one gets true.
    func claimReminder(_ id: AppointmentID, at: Date) throws -> Bool
}
