import Clinic
import Foundation

extension SQLTransaction {
    private static let appointments = SQLTable<Appointment>(
        "appointments",
        "id doctor_id patient_id starts_at ends_at state note phone phone_for_doctor phone_for_messages video_address reason sequence reminded_at created_at updated_at"
    ) { row in
        try Appointment(
            id: row["id"], doctorID: row["doctor_id"], patientID: row["patient_id"], startsAt: row["starts_at"],
            endsAt: row["ends_at"], state: row["state"], note: row["note"], phone: try phone(row),
            videoAddress: row["video_address"] ?? "", reason: row["reason"],
            sequence: row["sequence"], remindedAt: row["reminded_at"], createdAt: row["created_at"],
            updatedAt: row["updated_at"])
    }
    /// No visit is longer: one that overlaps a moment begins at most so long before it.
    private static let longestSeconds = 86_400.0

    func lockBookings(of doctor: DoctorID) throws {
        try connection.holdAgainstPeers("doctor \(doctor.text)")
        let held = try connection.first(
            "SELECT id FROM doctors WHERE id = ?" + connection.dialect.forUpdate, doctor.text)
        guard held != nil else { throw ClinicError(.notFound, "errors.doctors.none") }
    }

    func insert(_ appointment: Appointment) throws {
        let length = appointment.endsAt.timeIntervalSince(appointment.startsAt)
        guard length > 0, length <= Self.longestSeconds else {
            throw ClinicError(.invalid, "errors.booking.times", field: "endsAt")
        }
        try refusingTakenSlot {
            try connection.execute(
                "INSERT INTO appointments (\(Self.appointments.list), slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                appointment.id.text, appointment.doctorID.text, appointment.patientID.text, appointment.startsAt,
                appointment.endsAt, appointment.state.rawValue, appointment.note, appointment.phone?.number,
                appointment.phone?.isForDoctor, appointment.phone?.isForMessages, appointment.storedVideo,
                appointment.reason,
                appointment.sequence, appointment.remindedAt, appointment.createdAt, appointment.updatedAt,
                appointment.state.holdsSlot ? appointment.startsAt : nil)
        }
    }

    func appointment(_ id: AppointmentID) throws -> Appointment? {
        try connection.one(Self.appointments, "WHERE id = ?", id.text)
    }

    func update(_ appointment: Appointment) throws {
        try refusingTakenSlot {
            let found = try connection.execute(
                """
                UPDATE appointments SET starts_at = ?, ends_at = ?, state = ?, note = ?, phone = ?, phone_for_doctor = ?, \
                phone_for_messages = ?, video_address = ?, reason = ?, sequence = ?, reminded_at = ?, updated_at = ?, \
                slot = ? WHERE id = ?
                """, appointment.startsAt, appointment.endsAt, appointment.state.rawValue, appointment.note,
                appointment.phone?.number, appointment.phone?.isForDoctor, appointment.phone?.isForMessages,
                appointment.storedVideo, appointment.reason, appointment.sequence, appointment.remindedAt,
                appointment.updatedAt, appointment.state.holdsSlot ? appointment.startsAt : nil, appointment.id.text)
            guard found == 1 else { throw ClinicError(.notFound, "errors.booking.none") }
        }
    }

    func appointments(of doctor: DoctorID, from: Date, until: Date) throws -> [Appointment] {
        try connection.all(
            Self.appointments, "WHERE doctor_id = ? AND slot > ? AND slot < ? AND ends_at > ? ORDER BY slot",
            doctor.text, from - Self.longestSeconds, until, from)
    }

    func hasAppointment(of patient: UserID, with doctor: DoctorID) throws -> Bool {
        try connection.number(
            """
            SELECT COUNT(*) FROM appointments\(connection.dialect.forcing(index: "appointments_pair")) \
            WHERE patient_id = ? AND doctor_id = ? AND state <> 'cancelled'
            """, patient.text, doctor.text) > 0
    }

    func appointments(of patient: UserID, limit: Int) throws -> [Appointment] {
        try connection.all(
            Self.appointments, "WHERE patient_id = ? ORDER BY starts_at DESC, id DESC LIMIT ?", patient.text, limit)
    }

    func appointments(
        of doctor: DoctorID, states: Set<Appointment.State>, from: Date, limit: Int
    ) throws -> [Appointment] {
        guard !states.isEmpty else { return [] }
        let list = InList(states)
        return try connection.all(
            Self.appointments,
            """
            \(connection.dialect.forcing(index: "appointments_doctor")) \
            WHERE doctor_id = ? AND starts_at >= ? AND state IN \(list.sql) ORDER BY starts_at, id LIMIT ?
            """, values: [.text(doctor.text), from.sqlValue] + list.values + [.integer(Int64(limit))])
    }

    func countOpenAppointments(of patient: UserID, now: Date) throws -> Int {
        try connection.number(
            """
            SELECT COUNT(*) FROM appointments\(connection.dialect.forcing(index: "appointments_patient")) \
            WHERE patient_id = ? AND starts_at > ? AND ends_at > ? AND state IN ('requested', 'confirmed')
            """, patient.text, now - Self.longestSeconds, now)
    }

    func appointmentsToRemind(from: Date, until: Date, limit: Int) throws -> [Appointment] {
        try connection.all(
            Self.appointments,
            """
            WHERE state = 'confirmed' AND starts_at >= ? AND starts_at < ? \
            AND reminded_at IS NULL ORDER BY starts_at, id LIMIT ?
            """, from, until, limit)
    }

    func claimReminder(_ id: AppointmentID, at: Date) throws -> Bool {
        // One that was cancelled since it was listed needs no reminder.
        try connection.execute(
            "UPDATE appointments SET reminded_at = ? WHERE id = ? AND reminded_at IS NULL AND state = 'confirmed'", at,
            id.text) == 1
    }

    /// The number of a row; nil where none was given.
    private static func phone(_ row: SQLRow) throws -> PatientPhone? {
        let number: String? = try row["phone"]
        return try number.map {
            PatientPhone(
                number: $0, isForDoctor: try row["phone_for_doctor"] ?? false,
                isForMessages: try row["phone_for_messages"] ?? false)
        }
    }

    private func refusingTakenSlot(_ body: () throws -> Void) throws {
        try refusingDuplicates(of: "slot", "errors.booking.slotTaken", body)
    }
}

extension Appointment {
    fileprivate var storedVideo: String? { videoAddress.isEmpty ? nil : videoAddress }
}
