import Foundation

/// What a patient says of a completed visit; one a visit.
public struct Review: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable, CaseIterable {
        case published
        /// Waits for moderation, for `holdReason` or after a report.
        case held
        /// Taken down by moderation, for `moderationReason`.
        case removed
    }

    public let id: ReviewID
    public let appointmentID: AppointmentID
    public let doctorID: DoctorID
    public let patientID: UserID
    /// 1 to 5.
    public var stars: Int
    public var text: String
    public var state: State
    /// Why it was held, such as `link` or `flood`; empty where it was not.
    public var holdReason: String
    /// Why an administrator published or removed it.
    public var moderationReason: String
    /// The doctor's answer; empty without one.
    public var answer: String
    public var answeredAt: Date?
    public let createdAt: Date
    public var updatedAt: Date

    public init(
        id: ReviewID = ReviewID(), appointmentID: AppointmentID, doctorID: DoctorID, patientID: UserID, stars: Int,
        text: String, state: State = .published, holdReason: String = "", moderationReason: String = "",
        answer: String = "", answeredAt: Date? = nil, createdAt: Date, updatedAt: Date
    ) {
        (self.id, self.appointmentID, self.doctorID) = (id, appointmentID, doctorID)
        (self.patientID, self.stars, self.text) = (patientID, stars, text)
        (self.state, self.holdReason, self.moderationReason) = (state, holdReason, moderationReason)
        (self.answer, self.answeredAt, self.createdAt) = (answer, answeredAt, createdAt)
        self.updatedAt = updatedAt
    }
}

/// Somebody finds that a review should not stand.
public struct ReviewReport: Sendable, Equatable {
    public let id: ReviewReportID
    public let reviewID: ReviewID
    public let reporterID: UserID
    public let reason: String
    public let createdAt: Date

    public init(
        id: ReviewReportID = ReviewReportID(), reviewID: ReviewID, reporterID: UserID, reason: String, createdAt: Date
    ) {
        (self.id, self.reviewID, self.reporterID) = (id, reviewID, reporterID)
        (self.reason, self.createdAt) = (reason, createdAt)
    }
}

public typealias ReviewID = Identifier<Review>
public typealias ReviewReportID = Identifier<ReviewReport>
