import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Who is told of news of cases, for administrators.
struct AdminSubscriptionRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    var routes: [Route] {
        [
            Route(.get, "/admin/subscriptions", .administrator) { request, context in
                let page = AdminSubscriptionsPage(
                    try await services.subscriptions.all(for: context.requiredPrincipal),
                    notice: Route.notice(request, pages.site.text), site: pages.site, context: context)
                return try pages.response(page, template: "admin-subscriptions")
            },
            Route(.post, "/admin/subscriptions/:id/end", .administrator) { _, context in
                try await services.subscriptions.end(context.identifier(), by: context.requiredPrincipal)
                return Response.redirect(to: "/admin/subscriptions?notice=subscriptionEnded", type: .normal)
            },
        ]
    }
}

/// Subscriptions, the oldest first, with what became of their news and a button to end each.
struct AdminSubscriptionsPage: Sendable {
    struct Row: Sendable {
        let id: String
        let endpoint: String
        let state: String
        let since: PageTime
        /// When news were taken last; nil where none were lately.
        let delivered: PageTime?
        let counts: String
        /// Why the last news that were not taken were not, in technical English.
        let failure: String?
        let endLabel: String
    }

    let admin: AdminPage
    let frame: PageFrame
    let rows: [Row]

    init(_ entries: [Subscriptions.Entry], notice: String?, site: Site, context: WebContext) {
        let text = site.text
        admin = AdminPage(.subscriptions, site: site, context: context, notice: notice)
        frame = admin.frame
        rows = entries.map { entry in
            let (subscription, tally) = (entry.subscription, entry.tally)
            return Row(
                id: subscription.id.text, endpoint: subscription.endpoint,
                state: text("admin.subscriptions.states.\(tally.failure == nil ? "active" : "failing")"),
                since: PageTime(subscription.createdAt), delivered: entry.lastDeliveredAt.map { PageTime($0) },
                counts: text(
                    "admin.subscriptions.counts",
                    [
                        "waiting": text.number(tally.waiting), "taken": text.number(tally.delivered),
                        "givenUp": text.number(tally.givenUp),
                    ]),
                failure: tally.failure,
                endLabel: text("admin.subscriptions.endLabel", ["endpoint": subscription.endpoint]))
        }
    }
}
