import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Wording

/// The pages of administrators.
struct AdminRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    /// Addresses of the charts' scripts.
    let chartScripts: [String]
    let limits: UploadLimits
    /// Attempts of one address at what asks for the password.
    let limiter: RateLimiter
    /// Screens control fields.
    let service: ScreeningService
    let letters: AccountLetters
    let logger: Logger

    var routes: [Route] {
        DashboardRoutes(services: services, pages: pages, scripts: chartScripts).routes
            + [
                Route(.get, "/admin/start", .administrator) { _, context in
                    let steps = try await FirstSteps(
                        services, runBy: pages.site.runBy, text: pages.site.text)
                    return try pages.response(
                        FirstStepsPage(steps, site: pages.site, context: context), template: "admin-start")
                }
            ]
            + AdminUserRoutes(
                services: services, pages: pages, limiter: limiter, letters: letters, logger: logger
            ).routes
            + AdminDoctorRoutes(services: services, pages: pages, limits: limits, limiter: limiter).routes
            + AdminReviewRoutes(services: services, pages: pages).routes
            + AdminModelRoutes(services: services, pages: pages, limits: limits, limiter: limiter).routes
            + AdminSiteRoutes(
                services: services, pages: pages, service: service, limits: limits, limiter: limiter
            ).routes
            + AdminSubscriptionRoutes(services: services, pages: pages).routes
            + AdminPrivacyRoutes(services: services, pages: pages, limiter: limiter).routes
            + AdminAuditRoutes(services: services, pages: pages, limiter: limiter).routes
    }
}

extension Route {
    /// What a redirect told the page that something is done, out of a list of words that may be shown.
    static func notice(_ request: Request, _ text: TextCatalogue) -> String? {
        guard let name = FormFields(query: request)["notice"], name.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            return nil
        }
        return text.find("admin.notices.\(name)")
    }
}
