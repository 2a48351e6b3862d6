import Clinic
import Foundation
import Wording

/// The reviews on a doctor's page, with what their reader may do about them.
struct ReviewPanel: Sendable {
    struct Row: Sendable {
        let id: String
        let stars: ReviewStars
        /// nil for stars without words.
        let words: String?
        /// The month of the review, such as “November 2026”: a day could give somebody away.
        let month: String
        let answer: String?
        let answeredMonth: String
        let canReport: Bool
        let canAnswer: Bool
        let reportAddress: String
        let answerAddress: String
    }

    /// Reviews on one page.
    static let size = 10

    let rows: [Row]
    /// The mean in words; nil for too few.
    let rating: String?
    let stars: ReviewStars?
    let tooFew: String?
    let newer: String?
    let older: String?

    init(
        _ doctor: Doctor, reviews: [Review], offset: Int, text: TextCatalogue, context: WebContext
    ) {
        let reader = context.principal?.userID
        rows = reviews.prefix(Self.size).map { Self.row($0, doctor, reader: reader, text) }
        if let shown = Reviews.shownRating(doctor.rating) {
            let mean = shown.stars.formatted(.number.precision(.fractionLength(1)).locale(Locale(identifier: "en")))
            rating = text("reviews.rating", ["stars": mean, "count": String(shown.count)])
            stars = ReviewStars(Int(shown.stars.rounded()), text: text)
            tooFew = nil
        } else {
            (rating, stars) = (nil, nil)
            tooFew = text(rows.isEmpty ? "reviews.none" : "reviews.tooFew", ["count": String(Reviews.minimumForRating)])
        }
        let page = "/doctors/\(doctor.id)?reviews="
        newer = offset > 0 ? "\(page)\(max(0, offset - Self.size))#reviews" : nil
        older = reviews.count > Self.size ? "\(page)\(offset + Self.size)#reviews" : nil
    }

    private static func row(_ review: Review, _ doctor: Doctor, reader: UserID?, _ text: TextCatalogue) -> Row {
        Row(
            id: review.id.text, stars: ReviewStars(review.stars, text: text),
            words: review.text.isEmpty ? nil : review.text, month: month(review.createdAt, text),
            answer: review.answer.isEmpty ? nil : review.answer,
            answeredMonth: review.answeredAt.map { month($0, text) } ?? "",
            canReport: reader != nil && reader != review.patientID,
            canAnswer: reader != nil && reader == doctor.userID, reportAddress: "/reviews/\(review.id)/report",
            answerAddress: "/reviews/\(review.id)/answer")
    }

    static func month(_ date: Date, _ text: TextCatalogue) -> String {
        let (year, month, _) = LocalDate(date, in: .gmt).parts
        let months = text.list("appointments.months")
        return "\(months.count == 12 ? months[month - 1] : String(month)) \(year)"
    }
}

/// Stars as signs, and as words for those who do not see them.
struct ReviewStars: Sendable {
    let full: String
    let empty: String
    let words: String

    /// - Parameter stars: 1 to 5.
    init(_ stars: Int, text: TextCatalogue) {
        let count = min(5, max(0, stars))
        full = String(repeating: "★", count: count)
        empty = String(repeating: "☆", count: 5 - count)
        words = text("reviews.stars", ["stars": String(count)])
    }
}

extension SiteServices {
    /// What a doctor's page shows of reviews.
    ///
    /// - Parameters:
    ///   - doctor: The entry that the page is about.
    ///   - text: The words of the pages.
    ///   - context: Who reads.
    ///   - offset: Reviews to pass over, newest first.
    func reviewPanel(
        of doctor: Doctor, text: TextCatalogue, context: WebContext, offset: Int = 0
    ) async throws -> ReviewPanel {
        let offset = min(max(0, offset), 100_000)
        let found = try await reviews.published(of: doctor.id, limit: ReviewPanel.size + 1, offset: offset)
        return ReviewPanel(doctor, reviews: found, offset: offset, text: text, context: context)
    }
}
