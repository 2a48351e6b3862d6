import Foundation

extension Booking {
    /// Somebody's own opening hours, and appointments that lie outside them.
    public struct OwnHours: Sendable {
        public let doctor: Doctor
        /// Open appointments that begin at a time that is closed, earliest first.
        public let outside: [Appointment]
    }

    /// The opening hours of somebody's own entry.
    ///
    /// - Throws: `ClinicError.notFound` for who has no entry.
    public func hours(of user: UserID) async throws -> OwnHours {
        let now = clock()
        return try await database.read { transaction in
            guard let doctor = try transaction.doctor(of: user) else { throw Self.nothingHere }
            return OwnHours(doctor: doctor, outside: try Self.outside(doctor, now: now, in: transaction))
        }
    }

    /// Stores opening hours. Appointments that exist stay as they are, also outside the new hours.
    ///
    /// - Returns: The entry, and which appointments are outside now.
    /// - Throws: What `OpeningHours.check` throws; `ClinicError.notFound` for who has no entry.
    public func setHours(_ hours: OpeningHours, of user: UserID) async throws -> OwnHours {
        try hours.check()
        guard let id = try await database.read({ try $0.doctor(of: user)?.id }) else { throw Self.nothingHere }
        let now = clock()
        return try await database.write { transaction in
            try transaction.lockBookings(of: id)
            guard var doctor = try transaction.doctor(id), doctor.userID == user else { throw Self.nothingHere }
            doctor.openingHours = hours
            doctor.updatedAt = now
            try transaction.update(doctor)
            try Self.refreshNextFree(of: id, now: now, in: transaction)
            try transaction.append(
                AuditEntry(.doctor(.update), by: .user(user), object: id.text, detail: "hours", at: now))
            return OwnHours(doctor: doctor, outside: try Self.outside(doctor, now: now, in: transaction))
        }
    }

    private static func outside(
        _ doctor: Doctor, now: Date, in transaction: any AppointmentRows
    ) throws -> [Appointment] {
        guard let zone = doctor.clinic.zone else { return [] }
        return try transaction.appointments(
            of: doctor.id, states: [.requested, .confirmed], from: now, limit: 1000
        ).filter { !doctor.openingHours.isOpen(during: $0.time, timeZone: zone) }
    }
}
