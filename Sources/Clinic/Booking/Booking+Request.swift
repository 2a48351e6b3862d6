import Foundation

extension Booking {
    /// Asks a doctor for a slot, which is held from then on.
    ///
    /// - Parameters:
    ///   - slot: The beginning of a free slot.
    ///   - doctor: Verified, and with an account.
    ///   - patient: Who asks; not the doctor.
    ///   - note: What the doctor should know; may be empty.
    ///   - phone: The patient's number for this visit; nil for none.
    /// - Throws: `ClinicError.duplicate` with field `slot` when somebody else was quicker, with field `doctor` when the
    ///   patient has an open request there; `.invalid` with field `slot` for a time that cannot be booked, with field
    ///   `note`; `.quotaExceeded` for too many open appointments; `.forbidden` for the doctor's own slots and a doctor
    ///   who cannot be booked here; `.notFound`.
    public func request(
        _ slot: Date, with doctor: DoctorID, by patient: UserID, note: String, phone: PatientPhone? = nil
    ) async throws -> Appointment {
        let note = try Self.text(note, field: "note", atMost: limits.noteLength)
        let now = clock()
        let (id, limits) = (AppointmentID(), limits)
        return try await database.write { transaction in
            try transaction.lockBookings(of: doctor)
            try transaction.append(
                AuditEntry(
                    .appointment(.request), by: .user(patient), object: id.text, detail: "doctor=\(doctor)", at: now))
            // Holds the log from here on: two requests of one person at the same time, to two doctors, are counted one
            // after the other.
            _ = try transaction.auditHead()
            let entry = try Self.shown(doctor, in: transaction)
            try Self.check(patient, with: entry, limits, now: now, in: transaction)
            let time = try Self.time(of: slot, with: entry, now: now, in: transaction)
            let appointment = Appointment(
                id: id, doctorID: doctor, patientID: patient, startsAt: time.start, endsAt: time.end, note: note,
                phone: phone, createdAt: now, updatedAt: now)
            try transaction.insert(appointment)
            try Self.refreshNextFree(of: doctor, now: now, in: transaction)
            return appointment
        }
    }

    /// Whether this person may ask this doctor for anything.
    private static func check(
        _ patient: UserID, with doctor: Doctor, _ limits: Limits, now: Date,
        in transaction: any AppointmentRows & UserRows
    ) throws {
        guard doctor.isBookable else { throw ClinicError(.forbidden, "errors.booking.noBooking") }
        guard let user = try transaction.user(patient), !user.isDisabled else {
            throw ClinicError(.notFound, "errors.accounts.none")
        }
        guard doctor.userID != patient else { throw ClinicError(.forbidden, "errors.booking.own") }
        guard try transaction.countOpenAppointments(of: patient, now: now) < limits.openAppointments else {
            throw ClinicError(.quotaExceeded, "errors.booking.tooMany", ["count": limits.openAppointments])
        }
        let hasRequest = try transaction.appointments(of: patient, limit: 200).contains {
            $0.doctorID == doctor.id && $0.state == .requested && $0.isOpen(at: now)
        }
        guard !hasRequest else { throw ClinicError(.duplicate, "errors.booking.requested", field: "doctor") }
    }

    /// The whole time of a slot that is free.
    ///
    /// - Parameter moved: An appointment that does not count, because it leaves its own time.
    static func time(
        of slot: Date, with doctor: Doctor, now: Date, besides moved: AppointmentID? = nil,
        in transaction: any AppointmentRows
    ) throws -> DateInterval {
        guard let zone = doctor.clinic.zone else { throw notBookable }
        let bookable = FreeSlots.bookable(doctor.openingHours, now: now)
        guard bookable.contains(slot),
            let time = doctor.openingHours.slots(from: slot, until: slot.addingTimeInterval(1), timeZone: zone).first,
            time.start == slot
        else { throw notBookable }
        let others = try transaction.appointments(of: doctor.id, from: time.start, until: time.end).filter {
            $0.id != moved
        }
        guard others.isEmpty else { throw taken }
        return time
    }

    /// What everybody but the quickest is told.
    public static var taken: ClinicError { ClinicError(.duplicate, "errors.booking.taken", field: "slot") }

    private static var notBookable: ClinicError { ClinicError(.invalid, "errors.booking.notBookable", field: "slot") }
}
