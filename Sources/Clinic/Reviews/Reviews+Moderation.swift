import Foundation

extension Reviews {
    /// A review that waits for moderation.
    public struct Moderated: Sendable {
        public let review: Review
        public let reports: [ReviewReport]
        public let doctorName: String
    }

    /// Held and reported reviews, oldest first, for administrators.
    ///
    /// - Throws: `ClinicError.notFound` for anybody else.
    public func toModerate(limit: Int, by user: UserID) async throws -> [Moderated] {
        try await database.read { transaction in
            try Self.checkAdministrator(user, in: transaction)
            return try transaction.reviewsToModerate(limit: limit).map { review in
                Moderated(
                    review: review, reports: try transaction.reports(of: review.id),
                    doctorName: try transaction.doctor(review.doctorID)?.name ?? "")
            }
        }
    }

    /// Lets a review stand; reports of it are settled by that.
    ///
    /// - Parameter reason: Kept with the review.
    /// - Throws: `ClinicError.notFound` for who is no administrator, `.invalid` with field `reason`.
    public func publish(_ id: ReviewID, reason: String, by user: UserID) async throws -> Review {
        try await moderate(id, .published, .review(.publish), reason: reason, by: user)
    }

    /// Takes a review down.
    ///
    /// - Parameter reason: Kept with the review, and told to who wrote it.
    /// - Throws: As `publish`.
    public func remove(_ id: ReviewID, reason: String, by user: UserID) async throws -> Review {
        try await moderate(id, .removed, .review(.remove), reason: reason, by: user)
    }

    private func moderate(
        _ id: ReviewID, _ state: Review.State, _ action: AuditAction, reason: String, by user: UserID
    ) async throws -> Review {
        let reason = try Booking.text(reason, field: "reason", atMost: limits.reasonLength, isRequired: true)
        let now = clock()
        return try await change(id) { stored, transaction in
            try Self.checkAdministrator(user, in: transaction)
            var review = stored
            review.state = state
            review.moderationReason = reason
            try transaction.update(review)
            try transaction.deleteReports(of: id)
            try transaction.refreshRating(of: review.doctorID)
            try transaction.append(AuditEntry(action, by: .user(user), object: id.text, at: now))
            return review
        }
    }

    private static func checkAdministrator(_ user: UserID, in transaction: any UserRows) throws {
        guard try transaction.user(user)?.role == .administrator else { throw Booking.nothingHere }
    }

    /// Deletes a person's reviews, and has the ratings of those doctors added up again. Belongs before `deleteUser` in
    /// the same transaction.
    static func removeAll(of user: UserID, in transaction: any ReviewRows) throws {
        let reviews = try transaction.reviews(by: user, limit: 10_000)
        for review in reviews { try transaction.deleteReview(review.id) }
        for doctor in Set(reviews.map(\.doctorID)).sorted(by: { $0.text < $1.text }) {
            try transaction.refreshRating(of: doctor)
        }
    }
}
