import Foundation

extension Booking {
    /// An appointment with what either side has to know of the other.
    public struct Visit: Sendable {
        public let appointment: Appointment
        public let doctor: Doctor
        public let patientName: String
        /// What the patient said of it, in whatever state.
        public let review: Review?
        /// On which side the reader is.
        public let side: AppointmentRule.Side
        /// Images whose sharing ends when the appointment is cancelled.
        public var endingShares = 0
    }

    /// A doctor's appointments, as far as they are to be dealt with.
    public struct Agenda: Sendable {
        public let doctor: Doctor
        /// Wait for an answer, earliest first.
        public let requests: [Visit]
        /// Agreed and to come.
        public let coming: [Visit]
        /// Agreed, begun, and neither completed nor missed.
        public let toClose: [Visit]
        /// Of the last 30 days, latest first.
        public let closed: [Visit]
    }

    /// Appointments on one page.
    public static let listLength = 200

    /// One appointment, for either side of it.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func visit(_ id: AppointmentID, by user: UserID) async throws -> Visit {
        let now = clock()
        return try await database.write { transaction in
            let (appointment, side) = try Self.party(id, user, in: transaction)
            var visit = try Self.visit(appointment, side, in: transaction)
            visit.endingShares = try Sharing.endingShares(of: appointment, in: transaction)
            if side == .patient { try transaction.markVisitSeen(id, by: user, at: now) }
            try transaction.append(AuditEntry(.appointment(.read), by: .user(user), object: id.text, at: now))
            return visit
        }
    }

    /// A patient's appointments, latest beginning first.
    public func visits(of patient: UserID) async throws -> [Visit] {
        let now = clock()
        return try await database.write { transaction in
            let visits = try transaction.appointments(of: patient, limit: Self.listLength).map {
                try Self.visit($0, .patient, in: transaction)
            }
            try transaction.append(
                AuditEntry(.appointment(.read), by: .user(patient), object: patient.text, detail: "list", at: now))
            return visits
        }
    }

    /// What a doctor has to deal with.
    ///
    /// - Throws: `ClinicError.notFound` for who has no entry in the directory.
    public func agenda(of user: UserID) async throws -> Agenda {
        let now = clock()
        return try await database.write { transaction in
            guard let doctor = try transaction.doctor(of: user) else { throw Self.nothingHere }
            let list = { (states: Set<Appointment.State>, from: Date) in
                try transaction.appointments(of: doctor.id, states: states, from: from, limit: Self.listLength)
                    .map { try Self.visit($0, .doctor, in: transaction) }
            }
            let month = now.addingTimeInterval(-30 * 86_400)
            let confirmed = try list([.confirmed], now.addingTimeInterval(-365 * 86_400))
            let closed = try list([.completed, .missed, .cancelled], month).filter {
                $0.appointment.startsAt < now || $0.appointment.state == .cancelled
            }
            try transaction.append(
                AuditEntry(.appointment(.read), by: .user(user), object: doctor.id.text, detail: "agenda", at: now))
            return Agenda(
                doctor: doctor, requests: try list([.requested], now),
                coming: confirmed.filter { $0.appointment.startsAt > now },
                toClose: confirmed.filter { $0.appointment.startsAt <= now }, closed: closed.reversed())
        }
    }

    private static func visit(
        _ appointment: Appointment, _ side: AppointmentRule.Side, in transaction: any DoctorRows & ReviewRows & UserRows
    ) throws -> Visit {
        guard let doctor = try transaction.doctor(appointment.doctorID) else { throw nothingHere }
        return Visit(
            appointment: appointment, doctor: doctor,
            patientName: try transaction.user(appointment.patientID)?.name ?? "",
            review: try transaction.review(of: appointment.id), side: side)
    }
}

extension Booking {
    /// A doctor and what can be booked of them, for the page that offers it; nil for one who cannot be booked here.
    ///
    /// - Throws: `ClinicError.notFound` where there is no such doctor for others to see.
    public func offer(of doctor: DoctorID) async throws -> (doctor: Doctor, free: FreeSlots?) {
        let now = clock()
        return try await database.read { transaction in
            let doctor = try Self.shown(doctor, in: transaction)
            return (doctor, try Self.freeSlots(of: doctor, now: now, in: transaction))
        }
    }
}
