import Clinic
import Foundation
import Wording

/// A form about a review: writing or changing it, answering it, reporting it.
struct ReviewPage: Sendable {
    struct Star: Sendable {
        let value: Int
        let label: String
        let isChosen: Bool
    }

    let frame: PageFrame
    let title: String
    let lead: String
    /// What became of it: published, held, removed; nil before it is written.
    let state: String?
    let moderation: String?
    let notice: String?
    let alert: String?
    let action: String
    let hasForm: Bool
    let stars: [Star]
    let hasStars: Bool
    /// The stars of a review that cannot be changed any more.
    let given: ReviewStars?
    let starsWrong: String?
    let field: String
    let label: String
    let value: String
    let length: Int
    let isRequired: Bool
    let fieldWrong: String?
    let submit: String
    let back: String
    let backName: String

    /// The page on which a patient writes, or later looks at and changes, the review of a visit.
    init(
        of visit: Booking.Visit, canEdit: Bool, site: Site, context: WebContext, notice: String? = nil,
        error: ClinicError? = nil
    ) {
        let text = site.text
        let review = visit.review
        let typed = context.form["text"].map { _ in context.form }
        let chosen = typed.flatMap { Int($0["stars"] ?? "") } ?? review?.stars
        let reason = review.flatMap { text.find("reviews.holds.\($0.holdReason)") } ?? ""
        self.init(
            kind: review == nil ? "write" : "edit", site: site, context: context, error: error,
            action: review.map { "/reviews/\($0.id)/edit" } ?? "/appointments/\(visit.appointment.id)/review",
            field: "text", value: typed?.trimmed("text") ?? review?.text ?? "", length: Reviews.Limits().textLength,
            chosen: chosen, hasStars: true,
            hasForm: review == nil ? visit.appointment.state == .completed : canEdit,
            back: "/appointments/\(visit.appointment.id)", backName: text("reviews.backToVisit"),
            values: ["name": visit.doctor.name],
            state: review.map { text("reviews.states.\($0.state.rawValue)", ["reason": reason]) },
            moderation: review.flatMap { $0.moderationReason.isEmpty ? nil : $0.moderationReason }, notice: notice)
    }

    /// The page that comes back when a report or an answer was not taken.
    ///
    /// - Parameter kind: `report` or `answer`.
    init(_ kind: String, of review: Review, site: Site, context: WebContext, error: ClinicError?) {
        let field = kind == "report" ? "reason" : "answer"
        let limits = Reviews.Limits()
        self.init(
            kind: kind, site: site, context: context, error: error, action: "/reviews/\(review.id)/\(kind)",
            field: field, value: context.form.trimmed(field),
            length: kind == "report" ? limits.reasonLength : limits.textLength, chosen: nil, hasStars: false,
            hasForm: true, back: "/doctors/\(review.doctorID)#reviews", backName: site.text("reviews.backToDoctor"),
            values: [:], state: nil, moderation: nil, notice: nil)
    }

    private init(
        kind: String, site: Site, context: WebContext, error: ClinicError?, action: String, field: String,
        value: String, length: Int, chosen: Int?, hasStars: Bool, hasForm: Bool, back: String, backName: String,
        values: [String: String], state: String?, moderation: String?, notice: String?
    ) {
        let text = site.text
        title = text("reviews.\(kind).title", values)
        lead = text(hasForm ? "reviews.\(kind).lead" : "reviews.closed", values)
        frame = PageFrame(site: site, title: title, place: .account, context: context)
        (self.state, self.moderation) = (state, moderation)
        self.notice = notice.flatMap { text.find("reviews.notices.\($0)") }
        starsWrong = text(error, at: "stars")
        fieldWrong = text(error, at: field)
        alert = starsWrong == nil && fieldWrong == nil ? error.map { text($0) } : nil
        (self.action, self.hasForm, self.hasStars) = (action, hasForm, hasStars)
        given = hasForm ? nil : chosen.map { ReviewStars($0, text: text) }
        stars = (1...5).reversed().map {
            Star(value: $0, label: text("reviews.stars", ["stars": String($0)]), isChosen: $0 == chosen)
        }
        (self.field, self.value, self.length) = (field, value, length)
        label = text("reviews.\(kind).label")
        isRequired = kind == "report"
        submit = text("reviews.\(kind).submit")
        (self.back, self.backName) = (back, backName)
    }
}

/// The page that says that a report or an answer was taken.
struct ReviewDonePage: Sendable {
    let frame: PageFrame
    let title: String
    let lead: String
    let back: String
    let backName: String

    init(_ kind: String, doctor: DoctorID, site: Site, context: WebContext) {
        title = site.text("reviews.done.\(kind).title")
        lead = site.text("reviews.done.\(kind).lead")
        frame = PageFrame(site: site, title: title, place: .doctors, context: context)
        back = "/doctors/\(doctor)#reviews"
        backName = site.text("reviews.backToDoctor")
    }
}
