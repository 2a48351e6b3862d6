import Foundation

/// The rules of appointments, over any database: what can be booked, who may do what, what is told to the audit log.
///
/// A slot belongs to one person: every change of a doctor's appointments begins with `lockBookings`, before anything is
/// read, so that what is read is what the last one left; and the database refuses a second appointment at the same time.
public struct Booking: Sendable {
    /// How much one person may ask for.
    public struct Limits: Sendable {
        /// Appointments of one patient that are requested or confirmed and not over.
        public var openAppointments = 5
        /// Characters of what the patient writes to the doctor.
        public var noteLength = 1000
        /// Characters of the reason of a cancellation.
        public var reasonLength = 500

        public init() {}
    }

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date
    public let limits: Limits

    /// - Parameters:
    ///   - database: Where doctors and appointments are.
    ///   - clock: The time.
    ///   - limits: How much one person may ask for.
    public init(
        database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }, limits: Limits = Limits()
    ) {
        (self.database, self.clock, self.limits) = (database, clock, limits)
    }

    /// Free slots of a doctor that begin in a time, in their order; none where the doctor cannot be booked here.
    ///
    /// - Throws: `ClinicError.notFound` where there is no such doctor for others to see.
    public func freeSlots(of doctor: DoctorID, from: Date, until: Date) async throws -> [DateInterval] {
        let now = clock()
        return try await database.read { transaction in
            let doctor = try Self.shown(doctor, in: transaction)
            return try Self.freeSlots(of: doctor, now: now, in: transaction)?.slots(from: from, until: until) ?? []
        }
    }

    /// What can be booked of a doctor; nil for one who cannot be booked here.
    public static func freeSlots(
        of doctor: Doctor, now: Date, in transaction: any AppointmentRows
    ) throws -> FreeSlots? {
        guard doctor.isBookable, let zone = doctor.clinic.zone else { return nil }
        let time = FreeSlots.bookable(doctor.openingHours, now: now)
        // A slot that begins just before the horizon may end after it.
        let taken = try transaction.appointments(
            of: doctor.id, from: time.lowerBound, until: time.upperBound.addingTimeInterval(4 * 3600)
        ).map { DateInterval(start: $0.startsAt, end: $0.endsAt) }
        return FreeSlots(hours: doctor.openingHours, zone: zone, taken: taken, now: now)
    }

    /// An entry that others see.
    static func shown(_ id: DoctorID, in transaction: any DoctorRows) throws -> Doctor {
        guard let doctor = try transaction.doctor(id), doctor.status == .verified else {
            throw ClinicError(.notFound, "errors.doctors.notListed")
        }
        return doctor
    }

    /// Text from a form: trimmed, no control characters but line breaks.
    ///
    /// - Throws: `ClinicError.invalid` with the field.
    static func text(_ text: String, field: String, atMost length: Int, isRequired: Bool = false) throws -> String {
        let text = text.replacing("\r\n", with: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        if isRequired && text.isEmpty { throw ClinicError(.invalid, "errors.texts.empty", field: field) }
        guard text.unicodeScalars.count <= length else {
            throw ClinicError(.invalid, "errors.texts.tooLong", ["maximum": length], field: field)
        }
        guard text.unicodeScalars.allSatisfy({ $0 == "\n" || $0.properties.generalCategory != .control }) else {
            throw ClinicError(.invalid, "errors.texts.characters", field: field)
        }
        return text
    }
}

extension Doctor {
    /// Whether appointments can be made here: the entry is verified, and somebody has claimed it and reads requests.
    public var isBookable: Bool { status == .verified && userID != nil }
}

extension ClinicAddress {
    /// The zone of the clinic's clocks; nil for one that this system does not know.
    public var zone: TimeZone? { TimeZone(identifier: timeZone) }
}

extension Appointment {
    public var time: DateInterval { DateInterval(start: startsAt, end: endsAt) }

    /// Requested or confirmed, and not over.
    public func isOpen(at now: Date) -> Bool { [.requested, .confirmed].contains(state) && endsAt > now }
}

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
        return try await database.write { transaction in
            guard try transaction.claimReminder(id, at: now) else { return false }
            if let appointment = try transaction.appointment(id) {
                try VisitMessages.note(.reminder, of: appointment, now: now, in: transaction)
            }
            return true
        }
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
        public let patient: LetterReader?
        /// The doctor's user; nil for an entry without an account.
        public let account: LetterReader?
    }

    /// Who is on both sides; nil when the doctor's entry is gone.
    public func addressees(of appointment: Appointment) async throws -> Addressees? {
        try await database.read { transaction in
            guard let doctor = try transaction.doctor(appointment.doctorID) else { return nil }
            let account = try doctor.userID.flatMap { try transaction.user($0) }
            return Addressees(
                doctor: doctor, patient: try transaction.user(appointment.patientID).map(\.letterReader),
                account: account.map(\.letterReader))
        }
    }

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
