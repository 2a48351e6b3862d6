import Findings
import Foundation

extension Booking {
    /// Whether somebody may give an appointment another time: the patient, until it begins.
    public static func canMove(_ appointment: Appointment, by side: AppointmentRule.Side, now: Date) -> Bool {
        side == .patient && [.requested, .confirmed].contains(appointment.state) && now < appointment.startsAt
    }

    /// What an appointment can be moved to: the doctor's free slots.
    ///
    /// - Throws: `ClinicError.notFound` for everybody but the patient; `.invalid` with field `state` for an appointment that has
    ///   begun or is not open.
    public func offer(moving id: AppointmentID, by user: UserID) async throws -> (doctor: Doctor, free: FreeSlots?) {
        let now = clock()
        return try await database.read { transaction in
            let (appointment, side) = try Self.party(id, user, in: transaction)
            try Self.checkMove(appointment, by: side, now: now)
            let doctor = try Self.shown(appointment.doctorID, in: transaction)
            return (doctor, try Self.freeSlots(of: doctor, now: now, in: transaction))
        }
    }

    /// Gives an appointment another time. The doctor is asked anew; what was shared and written stays, and the calendar
    /// keeps it as the same event with a higher `SEQUENCE`.
    ///
    /// - Parameter slot: The beginning of a free slot.
    /// - Throws: As `offer(moving:by:)`, and as `request` for the slot.
    public func move(_ id: AppointmentID, to slot: Date, by user: UserID) async throws -> Appointment {
        try await held(id, by: user) { found, side, now, transaction in
            let doctor = found.doctorID
            var appointment = found
            try Self.checkMove(appointment, by: side, now: now)
            let entry = try Self.shown(doctor, in: transaction)
            guard entry.isBookable else { throw ClinicError(.forbidden, "errors.booking.noBooking") }
            let time = try Self.time(of: slot, with: entry, now: now, besides: id, in: transaction)
            guard time.start != appointment.startsAt else {
                throw ClinicError(.invalid, "errors.booking.sameTime", field: "slot")
            }
            (appointment.startsAt, appointment.endsAt, appointment.state) = (time.start, time.end, .requested)
            (appointment.remindedAt, appointment.updatedAt) = (nil, now)
            appointment.sequence += 1
            try transaction.update(appointment)
            // What the patient was told of the old time holds no more.
            try transaction.markVisitSeen(id, by: appointment.patientID, at: now)
            try transaction.append(AuditEntry(.appointment(.move), by: .user(user), object: id.text, at: now))
            try Self.refreshNextFree(of: doctor, now: now, in: transaction)
            return appointment
        }
    }

    private static func checkMove(_ appointment: Appointment, by side: AppointmentRule.Side, now: Date) throws {
        guard side == .patient else { throw nothingHere }
        guard now < appointment.startsAt else { throw ClinicError(.invalid, "errors.booking.begun", field: "state") }
        guard canMove(appointment, by: side, now: now) else {
            throw ClinicError(
                .invalid, "errors.booking.state",
                ["state": Fact.term("appointments.states.\(appointment.state.rawValue)")], field: "state")
        }
    }

    /// Says where both sides meet by video, or takes that back.
    ///
    /// - Parameter address: An `https` address; empty for none.
    /// - Throws: `ClinicError.invalid` with field `video` for another address, and for an appointment that is not open;
    ///   `.forbidden` for the patient; `.notFound` for who is on neither side.
    public func setVideo(_ id: AppointmentID, to address: String, by user: UserID) async throws -> Appointment {
        let address = try Self.videoAddress(address)
        return try await held(id, by: user) { found, side, now, transaction in
            var appointment = found
            guard side == .doctor else { throw ClinicError(.forbidden, "errors.booking.onlyDoctor") }
            guard appointment.isOpen(at: now) else {
                throw ClinicError(
                    .invalid, "errors.booking.state",
                    ["state": Fact.term("appointments.states.\(appointment.state.rawValue)")], field: "video")
            }
            guard appointment.videoAddress != address else { return appointment }
            (appointment.videoAddress, appointment.updatedAt) = (address, now)
            appointment.sequence += 1
            try transaction.update(appointment)
            // What waits to be told of the visit is still true.
            try transaction.carryMessages(of: id, from: found.sequence, to: appointment.sequence)
            try transaction.append(
                AuditEntry(
                    .appointment(.video), by: .user(user), object: id.text, detail: address.isEmpty ? "removed" : "set",
                    at: now))
            return appointment
        }
    }

    /// Characters of an address at most.
    public static let videoLength = 500

    private static func videoAddress(_ typed: String) throws -> String {
        let typed = typed.trimmingCharacters(in: .whitespacesAndNewlines)
        if typed.isEmpty { return "" }
        guard typed.utf8.count <= videoLength, typed.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
            let parts = URLComponents(string: typed), parts.scheme?.lowercased() == "https",
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil
        else { throw ClinicError(.invalid, "errors.booking.video", ["maximum": videoLength], field: "video") }
        return typed
    }
}
