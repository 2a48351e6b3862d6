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
        self.database = database
        self.clock = clock
        self.limits = limits
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
