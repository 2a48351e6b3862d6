import Foundation

/// Reviews and their moderation.
public protocol ReviewRows {
    /// - Throws: `ClinicError.duplicate` with field `appointment` when the visit has a review.
    func insert(_ review: Review) throws
    func review(_ id: ReviewID) throws -> Review?
    func review(of appointment: AppointmentID) throws -> Review?
    /// - Throws: `ClinicError.notFound`.
    func update(_ review: Review) throws
    func deleteReview(_ id: ReviewID) throws
    /// Published ones, newest first.
    func reviews(of doctor: DoctorID, limit: Int, offset: Int) throws -> [Review]
    func reviews(by patient: UserID, limit: Int) throws -> [Review]
    /// Reviews that this person wrote since a date, for the flood rule.
    func countReviews(by patient: UserID, since: Date) throws -> Int
    /// Adds up the stars of the published reviews again and stores them with the doctor.
    func refreshRating(of doctor: DoctorID) throws

    /// - Throws: `ClinicError.duplicate` when this person has reported it already.
    func insert(_ report: ReviewReport) throws
    func reports(of review: ReviewID) throws -> [ReviewReport]
    func deleteReports(of review: ReviewID) throws
    /// Held ones and reported ones, oldest first.
    func reviewsToModerate(limit: Int) throws -> [Review]
    func countReviewsToModerate() throws -> Int
}
