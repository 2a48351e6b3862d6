import Clinic
import Foundation
import Wording

/// Held and reported reviews, oldest first.
struct AdminReviewsPage: Sendable {
    struct Report: Sendable {
        let at: PageTime
        let reason: String
    }

    struct Row: Sendable {
        let id: String
        let doctor: String
        let doctorAddress: String
        let stars: String
        let starsWords: String
        let words: String
        let answer: String?
        let at: PageTime
        let why: String
        let reports: [Report]
        let hasReports: Bool
        let reason: String
        let error: String?
        let reasonLabel: String
    }

    let admin: AdminPage
    let frame: PageFrame
    let rows: [Row]
    let maximumReason: Int

    /// - Parameters:
    ///   - waiting: Oldest first.
    ///   - wrong: The review whose form was sent with something wrong in it.
    init(
        _ waiting: [Reviews.Moderated], notice: String?, wrong: ReviewID?, error: ClinicError?, site: Site,
        context: WebContext
    ) {
        let text = site.text
        admin = AdminPage(.reviews, site: site, context: context, notice: notice)
        frame = admin.frame
        maximumReason = Reviews.Limits().reasonLength
        rows = waiting.map { entry in
            let review = entry.review
            let isWrong = wrong == review.id
            return Row(
                id: review.id.text, doctor: entry.doctorName, doctorAddress: "/doctors/\(review.doctorID)",
                stars: String(repeating: "★", count: review.stars) + String(repeating: "☆", count: 5 - review.stars),
                starsWords: text("admin.reviews.stars", ["count": String(review.stars)]), words: review.text,
                answer: review.answer.isEmpty ? nil : review.answer, at: PageTime(review.createdAt),
                why: Self.why(review, text),
                reports: entry.reports.map { Report(at: PageTime($0.createdAt), reason: $0.reason) },
                hasReports: !entry.reports.isEmpty, reason: isWrong ? context.form.trimmed("reason") : "",
                error: isWrong ? error.map { text($0) } : nil,
                reasonLabel: text("admin.reviews.reasonLabel", ["doctor": entry.doctorName]))
        }
    }

    private static func why(_ review: Review, _ text: TextCatalogue) -> String {
        guard review.state == .held else { return text("admin.reviews.reported") }
        return text.find("admin.reviews.held.\(review.holdReason)")
            ?? text("admin.reviews.heldFor", ["reason": review.holdReason])
    }
}
