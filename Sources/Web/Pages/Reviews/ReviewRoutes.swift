import Clinic
import HTTPTypes
import Hummingbird

/// The pages of reviews: writing and changing, the doctor's answer, reports.
struct ReviewRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    private var reviews: Reviews { services.reviews }
    private var site: Site { pages.site }

    var routes: [Route] {
        [
            Route(.get, "/appointments/:id/review", .user) { request, context in
                try await page(context.appointmentID(), context, notice: FormFields(query: request)["notice"])
            },
            Route(.post, "/appointments/:id/review", .user, handler: write),
            Route(.post, "/reviews/:id/edit", .user, handler: edit),
            Route(.post, "/reviews/:id/report", .user, handler: report),
            Route(.post, "/reviews/:id/answer", .user, handler: answer),
        ]
    }

    private func write(_ request: Request, _ context: WebContext) async throws -> Response {
        let id = try context.appointmentID()
        do {
            let review = try await reviews.write(
                stars: Int(context.form.trimmed("stars")) ?? 0, text: context.form["text"] ?? "", for: id,
                by: try context.requiredPrincipal.userID)
            return Self.done(review)
        } catch let error as ClinicError where [.invalid, .duplicate].contains(error.code) {
            return try await page(id, context, error: error)
        }
    }

    private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, user) = (try context.reviewID(), try context.requiredPrincipal.userID)
        let stored = try await reviews.own(id, of: user)
        do {
            let review = try await reviews.edit(
                id, stars: Int(context.form.trimmed("stars")) ?? 0, text: context.form["text"] ?? "", by: user)
            return Self.done(review)
        } catch let error as ClinicError where error.code == .invalid {
            return try await page(stored.appointmentID, context, error: error)
        }
    }

    private static func done(_ review: Review) -> Response {
        let notice = review.state == .published ? "published" : "held"
        return Response.redirect(to: "/appointments/\(review.appointmentID)/review?notice=\(notice)", type: .normal)
    }

    private func page(
        _ id: AppointmentID, _ context: WebContext, notice: String? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let visit = try await services.booking.visit(id, by: try context.requiredPrincipal.userID)
        guard visit.side == .patient else { throw WebError.nothingHere }
        let page = ReviewPage(
            of: visit, canEdit: visit.review.map(reviews.canEdit) ?? false, site: site, context: context,
            notice: notice, error: error)
        let status: HTTPResponse.Status =
            error == nil ? .ok : error?.code == .duplicate ? .conflict : .unprocessableContent
        return try pages.response(page, template: "review", status: status)
    }

    private func report(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("report", context) { id, user in
            try await reviews.report(id, reason: context.form["reason"] ?? "", by: user)
        }
    }

    private func answer(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("answer", context) { id, user in
            _ = try await reviews.answer(context.form["answer"] ?? "", on: id, by: user)
        }
    }

    /// Does something to a review of somebody else; what is wrong comes back on a page with what was typed.
    private func answering(
        _ kind: String, _ context: WebContext, _ change: (ReviewID, UserID) async throws -> Void
    ) async throws -> Response {
        let (id, user) = (try context.reviewID(), try context.requiredPrincipal.userID)
        let review = try await reviews.published(id, toBeAnsweredBy: kind == "answer" ? user : nil)
        do {
            try await change(id, user)
            return try pages.response(
                ReviewDonePage(kind, doctor: review.doctorID, site: site, context: context), template: "review-done")
        } catch let error as ClinicError where [.invalid, .duplicate, .forbidden].contains(error.code) {
            return try pages.response(
                ReviewPage(kind, of: review, site: site, context: context, error: error), template: "review",
                status: .unprocessableContent)
        }
    }
}
