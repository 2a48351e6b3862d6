import Clinic
import Foundation

extension SQLTransaction {
    private static let reviews = SQLTable<Review>(
        "reviews",
        """
        id appointment_id doctor_id patient_id stars text state hold_reason moderation_reason answer answered_at \
        created_at updated_at
        """
    ) { row in
        try Review(
            id: row["id"], appointmentID: row["appointment_id"], doctorID: row["doctor_id"],
            patientID: row["patient_id"], stars: row["stars"], text: row["text"], state: row["state"],
            holdReason: row["hold_reason"], moderationReason: row["moderation_reason"], answer: row["answer"],
            answeredAt: row["answered_at"], createdAt: row["created_at"], updatedAt: row["updated_at"])
    }

    private static let reports = SQLTable<ReviewReport>(
        "review_reports", "id review_id reporter_id reason created_at"
    ) { row in
        try ReviewReport(
            id: row["id"], reviewID: row["review_id"], reporterID: row["reporter_id"], reason: row["reason"],
            createdAt: row["created_at"])
    }

    func insert(_ review: Review) throws {
        try refusingDuplicates(of: "appointment", "errors.reviews.twice") {
            try connection.execute(
                "INSERT INTO reviews (\(Self.reviews.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                review.id.text,
                review.appointmentID.text, review.doctorID.text, review.patientID.text, review.stars, review.text,
                review.state.rawValue, review.holdReason, review.moderationReason, review.answer, review.answeredAt,
                review.createdAt, review.updatedAt)
        }
        try refreshModeration(of: review.id)
    }

    func update(_ review: Review) throws {
        let found = try connection.execute(
            """
            UPDATE reviews SET stars = ?, text = ?, state = ?, hold_reason = ?, moderation_reason = ?, answer = ?, \
            answered_at = ?, updated_at = ? WHERE id = ?
            """, review.stars, review.text, review.state.rawValue, review.holdReason, review.moderationReason,
            review.answer, review.answeredAt, review.updatedAt, review.id.text)
        guard found == 1 else { throw ClinicError(.notFound, "errors.reviews.none") }
        try refreshModeration(of: review.id)
    }

    func deleteReview(_ id: ReviewID) throws {
        // Reports go by their foreign key.
        try connection.execute("DELETE FROM reviews WHERE id = ?", id.text)
    }

    func review(_ id: ReviewID) throws -> Review? {
        try connection.one(Self.reviews, "WHERE id = ?", id.text)
    }

    func review(of appointment: AppointmentID) throws -> Review? {
        try connection.one(Self.reviews, "WHERE appointment_id = ?", appointment.text)
    }

    func reviews(of doctor: DoctorID, limit: Int, offset: Int) throws -> [Review] {
        try connection.all(
            Self.reviews,
            "WHERE doctor_id = ? AND state = 'published' ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?",
            doctor.text, limit, offset)
    }

    func reviews(by patient: UserID, limit: Int) throws -> [Review] {
        try connection.all(
            Self.reviews, "WHERE patient_id = ? ORDER BY created_at DESC, id DESC LIMIT ?", patient.text, limit)
    }

    func countReviews(by patient: UserID, since: Date) throws -> Int {
        try connection.number(
            "SELECT COUNT(*) FROM reviews WHERE patient_id = ? AND created_at >= ?", patient.text, since)
    }

    func refreshRating(of doctor: DoctorID) throws {
        // Held until the commit: of two reviews at once, the second adds up what the first has committed.
        try connection.holdAgainstPeers("doctor \(doctor.text)")
        _ = try connection.first("SELECT id FROM doctors WHERE id = ?" + connection.dialect.forUpdate, doctor.text)
        guard
            let row = try connection.first(
                """
                SELECT COALESCE(SUM(stars), 0) AS stars, COUNT(*) AS number FROM reviews WHERE doctor_id = ? AND state = 'published'
                """, doctor.text)
        else { return }
        let (stars, count): (Int, Int) = try (row["stars"], row["number"])
        for (table, key) in [("doctors", "id"), ("doctor_candidates", "doctor_id")] {
            try connection.execute(
                "UPDATE \(table) SET stars = ?, reviews = ? WHERE \(key) = ?", stars, count, doctor.text)
        }
    }

    // MARK: Moderation

    func insert(_ report: ReviewReport) throws {
        try refusingDuplicates(of: "review", "errors.reviews.reportedAlready") {
            try connection.execute(
                "INSERT INTO review_reports (\(Self.reports.list)) VALUES (?, ?, ?, ?, ?)",
                report.id.text, report.reviewID.text, report.reporterID.text, report.reason, report.createdAt)
        }
        try refreshModeration(of: report.reviewID)
    }

    func reports(of review: ReviewID) throws -> [ReviewReport] {
        try connection.all(Self.reports, "WHERE review_id = ? ORDER BY created_at, id", review.text)
    }

    func deleteReports(of review: ReviewID) throws {
        try connection.execute("DELETE FROM review_reports WHERE review_id = ?", review.text)
        try refreshModeration(of: review)
    }

    func reviewsToModerate(limit: Int) throws -> [Review] {
        try connection.all(Self.reviews, "WHERE queued_at IS NOT NULL ORDER BY queued_at, id LIMIT ?", limit)
    }

    func countReviewsToModerate() throws -> Int {
        try connection.number("SELECT COUNT(*) FROM reviews WHERE queued_at IS NOT NULL")
    }

    /// Puts a review into the queue of moderation or takes it out.
    func refreshModeration(of review: ReviewID) throws {
        try connection.execute(
            """
            UPDATE reviews SET queued_at = CASE WHEN state = 'held' OR (state = 'published' AND EXISTS \
            (SELECT 1 FROM review_reports r WHERE r.review_id = reviews.id)) THEN created_at END WHERE id = ?
            """, review.text)
    }
}
