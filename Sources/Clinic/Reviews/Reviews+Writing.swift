import Foundation

extension Reviews {
    /// Writes a review of a completed visit; published at once unless a rule of `ReviewHold` holds it.
    ///
    /// - Parameters:
    ///   - stars: 1 to 5.
    ///   - text: May be empty.
    ///   - appointment: The visit.
    ///   - user: The patient of the visit.
    /// - Throws: `ClinicError.notFound` for anybody else's visit, `.invalid` with field `state`, `stars` or `text`,
    ///   `.duplicate` with field `appointment` for a second one.
    public func write(
        stars: Int, text: String, for appointment: AppointmentID, by user: UserID
    ) async throws -> Review {
        let stars = try Self.stars(stars)
        let text = try Booking.text(text, field: "text", atMost: limits.textLength)
        let now = clock()
        guard let doctor = try await database.read({ try $0.appointment(appointment)?.doctorID }) else {
            throw Booking.nothingHere
        }
        return try await database.write { transaction in
            try transaction.lockBookings(of: doctor)
            guard let visit = try transaction.appointment(appointment), visit.patientID == user else {
                throw Booking.nothingHere
            }
            guard visit.state == .completed else {
                throw ClinicError(.invalid, "errors.reviews.notCompleted", field: "state")
            }
            let hold = try hold(text, by: user, of: visit.doctorID, now: now, in: transaction)
            let review = Review(
                appointmentID: appointment, doctorID: visit.doctorID, patientID: user, stars: stars, text: text,
                state: hold == nil ? .published : .held, holdReason: hold?.rawValue ?? "", createdAt: now,
                updatedAt: now)
            try transaction.insert(review)
            try transaction.refreshRating(of: visit.doctorID)
            try transaction.append(
                AuditEntry(
                    .review(.write), by: .user(user), object: review.id.text, detail: Self.detail(review), at: now))
            return review
        }
    }

    /// Changes a review within `Limits.editTime`; the rules look at it again. The doctor's answer stays.
    ///
    /// - Throws: `ClinicError.notFound` for anybody else's, `.invalid` with field `time` when it is too late or the
    ///   review was removed, with field `stars` or `text`.
    public func edit(_ id: ReviewID, stars: Int, text: String, by user: UserID) async throws -> Review {
        let stars = try Self.stars(stars)
        let text = try Booking.text(text, field: "text", atMost: limits.textLength)
        let now = clock()
        return try await change(id) { stored, transaction in
            var review = stored
            guard review.patientID == user else { throw Booking.nothingHere }
            guard canEdit(review) else { throw ClinicError(.invalid, "errors.reviews.closed", field: "time") }
            (review.stars, review.text, review.updatedAt) = (stars, text, now)
            let hold = ReviewHold.reason(for: text) ?? Self.lastingHold(of: review)
            review.state = hold == nil ? .published : .held
            review.holdReason = hold?.rawValue ?? ""
            try transaction.update(review)
            try transaction.refreshRating(of: review.doctorID)
            try transaction.append(
                AuditEntry(.review(.edit), by: .user(user), object: id.text, detail: Self.detail(review), at: now))
            return review
        }
    }

    private func hold(
        _ text: String, by user: UserID, of doctor: DoctorID, now: Date, in transaction: any ReviewRows
    ) throws -> ReviewHold? {
        if let reason = ReviewHold.reason(for: text) { return reason }
        let day = now.addingTimeInterval(-86_400)
        if try transaction.countReviews(by: user, since: day) >= limits.perPersonAndDay { return .flood }
        let hour = now.addingTimeInterval(-3600)
        let latest = try transaction.reviews(of: doctor, limit: limits.perDoctorAndHour, offset: 0)
        return latest.count == limits.perDoctorAndHour && latest.allSatisfy { $0.createdAt > hour } ? .burst : nil
    }

    /// What another text does not mend: how much was written, and what others reported.
    private static func lastingHold(of review: Review) -> ReviewHold? {
        guard review.state == .held, let hold = ReviewHold(rawValue: review.holdReason) else { return nil }
        return [.flood, .burst, .reports].contains(hold) ? hold : nil
    }

    private static func detail(_ review: Review) -> String {
        review.state == .held ? "held=\(review.holdReason)" : "published"
    }
}
