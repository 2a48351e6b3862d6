import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Reviews that wait for a decision.
struct AdminReviewRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    private static let shown = 50

    private var reviews: Reviews { services.reviews }

    var routes: [Route] {
        [
            Route(.get, "/admin/reviews", .administrator) { request, context in
                try await page(context, notice: Route.notice(request, pages.site.text))
            },
            Route(.post, "/admin/reviews/:id/publish", .administrator) { _, context in
                try await decide(context, "published") { try await reviews.publish($0, reason: $1, by: $2) }
            },
            Route(.post, "/admin/reviews/:id/remove", .administrator) { _, context in
                try await decide(context, "removed") { try await reviews.remove($0, reason: $1, by: $2) }
            },
        ]
    }

    private func decide(
        _ context: WebContext, _ notice: String, _ decision: (ReviewID, String, UserID) async throws -> Review
    ) async throws -> Response {
        let id = try context.reviewID()
        do {
            _ = try await decision(id, context.form.trimmed("reason"), context.requiredPrincipal.userID)
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, wrong: id, error: error)
        }
        return Response.redirect(to: "/admin/reviews?notice=\(notice)", type: .normal)
    }

    private func page(
        _ context: WebContext, notice: String? = nil, wrong: ReviewID? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let waiting = try await reviews.toModerate(limit: Self.shown, by: context.requiredPrincipal.userID)
        let page = AdminReviewsPage(
            waiting, notice: notice, wrong: wrong, error: error, site: pages.site, context: context)
        return try pages.response(
            page, template: "admin-reviews", status: error == nil ? .ok : .unprocessableContent)
    }
}
