import Foundation

extension Reviews {
    /// The doctor's answer to a published review; again replaces it, and an empty one takes it back.
    ///
    /// - Throws: `ClinicError.notFound` for any other doctor's, `.invalid` with field `answer`.
    public func answer(_ text: String, on id: ReviewID, by user: UserID) async throws -> Review {
        let text = try Booking.text(text, field: "answer", atMost: limits.textLength)
        if let reason = ReviewHold.reason(for: text) {
            throw ClinicError(
                .invalid, "An answer is shown at once, so it may hold no \(Self.words[reason] ?? "such thing").",
                field: "answer")
        }
        let now = clock()
        return try await change(id) { stored, transaction in
            var review = stored
            guard review.state == .published, try transaction.doctor(review.doctorID)?.userID == user else {
                throw Booking.nothingHere
            }
            review.answer = text
            review.answeredAt = text.isEmpty ? nil : now
            try transaction.update(review)
            try transaction.append(AuditEntry(.review(.answer), by: .user(user), object: id.text, at: now))
            return review
        }
    }

    private static let words: [ReviewHold: String] = [
        .link: "address of a site", .email: "e-mail address", .phone: "telephone number",
        .shouting: "text in capitals only", .repetition: "repeated characters or words",
    ]

    /// Says that a published review should not stand. It stays until moderation has looked, unless several people report
    /// it.
    ///
    /// - Throws: `ClinicError.notFound` for a review that is not published, `.forbidden` for one's own, `.invalid` with
    ///   field `reason`, `.duplicate` for a second report.
    public func report(_ id: ReviewID, reason: String, by user: UserID) async throws {
        let reason = try Booking.text(reason, field: "reason", atMost: limits.reasonLength, isRequired: true)
        let (now, limits) = (clock(), limits)
        try await change(id) { stored, transaction in
            var review = stored
            guard review.state == .published else { throw Booking.nothingHere }
            guard review.patientID != user else {
                throw ClinicError(.forbidden, "This is your own review; change it in place of reporting it.")
            }
            try transaction.insert(ReviewReport(reviewID: id, reporterID: user, reason: reason, createdAt: now))
            if try transaction.reports(of: id).count >= limits.reportsUntilHeld {
                review.state = .held
                review.holdReason = ReviewHold.reports.rawValue
                try transaction.update(review)
                try transaction.refreshRating(of: review.doctorID)
            }
            try transaction.append(AuditEntry(.review(.report), by: .user(user), object: id.text, at: now))
        }
    }
}
