import Foundation

public typealias VisitMessageID = Identifier<VisitMessage>

/// A short message on a visit that waits for its gateway. It holds neither number nor words: both are looked up when it goes
/// out, so that nothing of a person lies about, and a message that is no longer true is never sent.
public struct VisitMessage: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable { case confirmed, cancelled, reminder }

    /// The same at every try; the gateway knows by it what it has already sent.
    public let id: VisitMessageID
    public let appointmentID: AppointmentID
    public let kind: Kind
    /// The appointment's, of when there was something to tell.
    public let sequence: Int
    public let createdAt: Date
    /// Tries so far.
    public let attempts: Int
    /// When it is tried next.
    public let dueAt: Date

    public init(
        id: VisitMessageID = VisitMessageID(), appointmentID: AppointmentID, kind: Kind, sequence: Int,
        createdAt: Date, attempts: Int = 0, dueAt: Date? = nil
    ) {
        (self.id, self.appointmentID, self.kind, self.sequence) = (id, appointmentID, kind, sequence)
        (self.createdAt, self.attempts, self.dueAt) = (createdAt, attempts, dueAt ?? createdAt)
    }
}

/// Messages that wait.
public protocol VisitMessageRows {
    /// Stores a message, unless there was one of this kind on this state of the appointment.
    func enqueue(_ message: VisitMessage) throws
    /// Those whose time has come, the longest due first.
    func dueMessages(now: Date, limit: Int) throws -> [VisitMessage]
    /// A message that waits; nil once it is at its end.
    func waitingMessage(_ id: VisitMessageID) throws -> VisitMessage?
    /// Counts a try and puts the message off until somebody may think that the try came to nothing.
    ///
    /// - Returns: Whether it was due; of two at once, one is told so.
    func claimMessage(_ id: VisitMessageID, now: Date, until: Date) throws -> Bool
    func postponeMessage(_ id: VisitMessageID, until: Date) throws
    /// The appointment changed in what no message tells: those that wait are of its new state.
    func carryMessages(of appointment: AppointmentID, from old: Int, to sequence: Int) throws
    /// The gateway took it, or it is given up: it is tried no more.
    func endMessage(_ id: VisitMessageID, at: Date) throws
}

/// Hands messages out to whoever sends them, each until it was taken.
public struct VisitMessages: Sendable {
    /// Seconds from a try that failed to the next; the last goes on.
    public static let pauses: [TimeInterval] = [60, 300, 1800, 7200, 21_600]
    /// Tries of one message.
    public static let maximumAttempts = 10
    /// Seconds that one try may take before another server tries.
    public static let lease: TimeInterval = 120
    /// Messages of one round.
    public static let batch = 100

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.clock) = (database, clock)
    }

    /// What a message needs.
    public struct Delivery: Sendable {
        public let appointment: Appointment
        public let number: String
        /// The tag of the reader's language; nil for who chose none.
        public let language: String?
        public let zone: TimeZone?
    }

    public func due() async throws -> [VisitMessage] {
        let now = clock()
        return try await database.read { try $0.dueMessages(now: now, limit: Self.batch) }
    }

    /// Takes a try upon oneself.
    ///
    /// - Returns: Nil where somebody else does, and where there is nothing to tell any more: the visit has begun or changed, or
    ///   the patient has no number for messages. Then the message is at its end.
    public func claim(_ message: VisitMessage) async throws -> Delivery? {
        let now = clock()
        return try await database.write { transaction in
            guard try transaction.claimMessage(message.id, now: now, until: now.addingTimeInterval(Self.lease)) else {
                return nil
            }
            // As it stands now: the appointment may have changed since it was looked for.
            guard let waiting = try transaction.waitingMessage(message.id),
                let appointment = try transaction.appointment(message.appointmentID), now < appointment.startsAt,
                appointment.state == (message.kind == .cancelled ? .cancelled : .confirmed),
                appointment.sequence == waiting.sequence, let phone = appointment.phone, phone.isForMessages,
                let patient = try transaction.user(appointment.patientID), !patient.isDisabled
            else {
                try transaction.endMessage(message.id, at: now)
                return nil
            }
            return Delivery(
                appointment: appointment, number: phone.number, language: patient.language,
                zone: try transaction.doctor(appointment.doctorID)?.clinic.zone)
        }
    }

    /// The gateway took it.
    public func sent(_ message: VisitMessage) async throws {
        let now = clock()
        try await database.write { try $0.endMessage(message.id, at: now) }
    }

    /// The gateway did not take it: it is tried again later, a number of times.
    ///
    /// - Returns: Whether it will be tried again.
    public func failed(_ message: VisitMessage) async throws -> Bool {
        let (now, tries) = (clock(), message.attempts + 1)
        let isLast = tries >= Self.maximumAttempts
        try await database.write { transaction in
            guard !isLast else { return try transaction.endMessage(message.id, at: now) }
            let pause = Self.pauses[min(tries, Self.pauses.count) - 1]
            try transaction.postponeMessage(message.id, until: now.addingTimeInterval(pause))
        }
        return !isLast
    }
}

extension VisitMessages {
    /// Notes that there is something to tell, in the transaction in which it happened; nothing for who wants no messages.
    static func note(
        _ kind: VisitMessage.Kind, of appointment: Appointment, now: Date, in transaction: any VisitMessageRows
    ) throws {
        guard appointment.phone?.isForMessages == true, now < appointment.startsAt else { return }
        try transaction.enqueue(
            VisitMessage(
                appointmentID: appointment.id, kind: kind, sequence: appointment.sequence, createdAt: now))
    }
}
