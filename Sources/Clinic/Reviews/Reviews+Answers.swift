import Foundation

extension Reviews {
    /// The doctor's answer to a published review; again replaces it, and an empty one takes it back.
    ///
    /// - Throws: `ClinicError.notFound` for any other doctor's, `.invalid` with field `answer`.
    public func answer(_ text: String, on id: ReviewID, by user: UserID) async throws -> Review {
        let text = try Booking.text(text, field: "answer", atMost: limits.textLength)
        if let wrong = ReviewHold.reason(for: text).flatMap({ Self.wrong[$0] }) {
            throw ClinicError(.invalid, wrong, field: "answer")
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

    /// What an answer may not contain, since it is shown at once: all that the words of a review can be held for.
    private static let wrong: [ReviewHold: StaticString] = [
        .link: "errors.reviews.answerLink", .email: "errors.reviews.answerEmail",
        .phone: "errors.reviews.answerPhone", .shouting: "errors.reviews.answerCapitals",
        .repetition: "errors.reviews.answerRepetition",
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
            guard review.patientID != user else { throw ClinicError(.forbidden, "errors.reviews.own") }
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
