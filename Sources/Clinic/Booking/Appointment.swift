import Foundation

/// A visit: asked for, agreed, held or not.
public struct Appointment: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable, CaseIterable {
        /// The patient asked; the slot is held.
        case requested
        /// The doctor agreed.
        case confirmed
        /// The visit took place.
        case completed
        /// Called off by either side; the slot is free again.
        case cancelled
        /// The patient did not come.
        case missed

        /// Whether the slot is taken.
        public var holdsSlot: Bool { self != .cancelled }
    }

    public let id: AppointmentID
    public let doctorID: DoctorID
    public let patientID: UserID
    public var startsAt: Date
    public var endsAt: Date
    public var state: State
    /// What the patient wrote to the doctor.
    public var note: String
    /// The patient's telephone number, where they gave one.
    public var phone: PatientPhone?
    /// Where both meet by video; empty where they do not.
    public var videoAddress: String
    /// Why it was cancelled; for the other side.
    public var reason: String
    /// The reason of an appointment that ended with an account; pages say it in the reader's language.
    public static let accountDeleted = "The account was deleted."
    /// How often time or state changed (RFC 5545, 3.8.7.4).
    public var sequence: Int
    /// When the reminder went out; nil before.
    public var remindedAt: Date?
    public let createdAt: Date
    public var updatedAt: Date

    public init(
        id: AppointmentID = AppointmentID(), doctorID: DoctorID, patientID: UserID, startsAt: Date, endsAt: Date,
        state: State = .requested, note: String = "", phone: PatientPhone? = nil, videoAddress: String = "",
        reason: String = "", sequence: Int = 0, remindedAt: Date? = nil, createdAt: Date, updatedAt: Date
    ) {
        (self.id, self.doctorID, self.patientID, self.startsAt) = (id, doctorID, patientID, startsAt)
        (self.endsAt, self.state, self.note, self.reason) = (endsAt, state, note, reason)
        (self.phone, self.videoAddress) = (phone, videoAddress)
        (self.sequence, self.remindedAt, self.createdAt, self.updatedAt) = (sequence, remindedAt, createdAt, updatedAt)
    }
}
