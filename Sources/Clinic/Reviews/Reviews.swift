import Foundation

/// The rules of reviews: only of completed visits, one a visit, held where they look like abuse, moderated with reasons.
///
/// Every change keeps the doctor's rating right in the same transaction.
public struct Reviews: Sendable {
    /// How much is taken without a look by moderation.
    public struct Limits: Sendable {
        /// Characters of a review, and of the doctor's answer.
        public var textLength = 2000
        /// Characters of a report's or a moderator's reason.
        public var reasonLength = 500
        /// Reviews of one person within 24 hours; more are held.
        public var perPersonAndDay = 3
        /// Published reviews of one doctor within an hour; more are held.
        public var perDoctorAndHour = 10
        /// How long a review can be changed by who wrote it, in seconds.
        public var editTime: TimeInterval = 7 * 86_400
        /// People who report a review until it is held.
        public var reportsUntilHeld = 3

        public init() {}
    }

    /// A rating is shown from this many published reviews on.
    public static let minimumForRating = 3

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date
    public let limits: Limits

    public init(
        database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }, limits: Limits = Limits()
    ) {
        (self.database, self.clock, self.limits) = (database, clock, limits)
    }

    /// The mean of the stars, 1 to 5; nil for fewer than `minimumForRating`, whose authors could be guessed and whose
    /// mean says little.
    public static func shownRating(_ sum: RatingSum) -> (stars: Double, count: Int)? {
        guard sum.count >= minimumForRating else { return nil }
        return (Double(sum.stars) / Double(sum.count), sum.count)
    }

    /// A review that somebody wrote.
    ///
    /// - Throws: `ClinicError.notFound` for anybody else's.
    public func own(_ id: ReviewID, of user: UserID) async throws -> Review {
        let review = try await database.read { try Self.required(id, in: $0) }
        guard review.patientID == user else { throw Booking.nothingHere }
        return review
    }

    /// A published review, for somebody who reports it, or whose own practice it is about and who answers it: who may
    /// not answer is not told that there is something to be answered.
    ///
    /// - Throws: `ClinicError.notFound`.
    public func published(_ id: ReviewID, toBeAnsweredBy user: UserID?) async throws -> Review {
        try await database.read { transaction in
            let review = try Self.required(id, in: transaction)
            guard review.state == .published,
                try user == nil || transaction.doctor(review.doctorID)?.userID == user
            else { throw Booking.nothingHere }
            return review
        }
    }

    /// Published reviews of a doctor, newest first.
    public func published(of doctor: DoctorID, limit: Int, offset: Int = 0) async throws -> [Review] {
        try await database.read { try $0.reviews(of: doctor, limit: limit, offset: offset) }
    }

    /// Whether who wrote a review may still change it.
    public func canEdit(_ review: Review) -> Bool {
        review.state != .removed && clock() < review.createdAt.addingTimeInterval(limits.editTime)
    }

    static func stars(_ stars: Int) throws -> Int {
        guard (1...5).contains(stars) else { throw ClinicError(.invalid, "errors.reviews.stars", field: "stars") }
        return stars
    }

    /// Changes a review while nobody else changes one of the same doctor, so that the rating is added up of all of them.
    ///
    /// - Throws: `ClinicError.notFound`, and what `body` throws.
    func change<Value: Sendable>(
        _ id: ReviewID,
        _ body: @escaping @Sendable (Review, any ReviewRows & DoctorRows & UserRows & AuditRows) throws -> Value
    ) async throws -> Value {
        // The doctor of a review never changes, so that it may be read before the lock.
        let doctor = try await database.read { try Self.required(id, in: $0).doctorID }
        return try await database.write { transaction in
            try transaction.lockBookings(of: doctor)
            return try body(try Self.required(id, in: transaction), transaction)
        }
    }

    static func required(_ id: ReviewID, in transaction: any ReviewRows) throws -> Review {
        guard let review = try transaction.review(id) else { throw Booking.nothingHere }
        return review
    }

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
