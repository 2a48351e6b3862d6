import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Wording

/// All routes of the server, and what stands before them.
struct SiteRoutes: Sendable {
    let routes: [Route]
    private let configuration: WebConfiguration
    private let services: SiteServices
    private let content: SiteContent
    private let metrics: WebMetrics

    /// - Throws: `WebError.configuration` for unsafe settings, `WebError.resource` for a missing or broken file.
    init(
        configuration: WebConfiguration, services: SiteServices, queue: ScreeningQueue?, logger: Logger
    ) async throws {
        try configuration.validate()
        let content = try await SiteContent(configuration: configuration, services: services)
        let metrics = WebMetrics()
        let service = ScreeningService(
            models: services.models.shelf, demonstration: services.demonstration,
            queue: queue
                ?? ScreeningQueue(
                    maximumRunning: configuration.maximumRunningScreenings,
                    maximumWaiting: configuration.maximumWaitingScreenings),
            metrics: metrics, limits: configuration.upload)
        let limiter = RateLimiter(burst: configuration.imagesPerBurst, perMinute: configuration.imagesPerMinute)
        let cases = CaseRoutes(
            services: services, pages: content.pages, limits: configuration.upload, limiter: limiter)
        let reports = ReportMaker(text: content.text, address: configuration.publicURL)
        let screenings = ScreeningRoutes(services: services, pages: content.pages, reports: reports)
        let readings = ReadingRoutes(
            services: services, pages: content.pages, cookies: SiteCookies(isSecure: configuration.hasSecureCookies))
        let pages = PageRoutes(
            service: service, pages: content.pages, learn: content.learn, assets: content.assets, limiter: limiter,
            intake: cases.intake)
        let api = APIRoutes(
            services: services, service: service, limiter: limiter, description: content.openAPI,
            reports: reports)
        let operations = OperationsRoutes(service: service, readiness: services.readiness, models: services.models)
        // One for all that asks for a password.
        let attempts = RateLimiter(
            burst: configuration.accountBurst, perMinute: configuration.accountAttemptsPerMinute,
            message: "errors.accounts.attempts")
        let account = try Self.accountRoutes(configuration, services, content.pages, attempts, logger)
        routes =
            account + pages.routes + cases.routes + screenings.routes + readings.routes
            + CellRoutes(services: services, pages: content.pages, cookies: readings.cookies).routes
            + CaseReadingRoutes(services: services, pages: content.pages, cookies: readings.cookies).routes
            + CasePersonRoutes(services: services, pages: content.pages, reports: reports).routes
            + SiteChoiceRoutes(services: services).routes
            + NoticeRoutes(services: services).routes
            + SharingRoutes(services: services, pages: content.pages).routes + api.routes + operations.routes
            + Self.directoryRoutes(configuration, services, content.pages)
            + DoctorSearchRoutes(services: services, pages: content.pages).routes
            + Self.appointmentRoutes(configuration, services, content.pages, logger)
            + Self.adminRoutes(configuration, services, content, service, attempts)
        (self.configuration, self.services, self.content, self.metrics) = (configuration, services, content, metrics)
    }

    private static func accountRoutes(
        _ configuration: WebConfiguration, _ services: SiteServices, _ pages: PageRenderer, _ limiter: RateLimiter,
        _ logger: Logger
    ) throws -> [Route] {
        guard services.mail == nil || configuration.publicURL != nil else {
            throw WebError(.configuration, fault: "Letters hold links: name the site's address with --public-url.")
        }
        let cookies = SiteCookies(isSecure: configuration.hasSecureCookies)
        let address = (configuration.publicURL?.absoluteString ?? "").trimmingCharacters(in: ["/"])
        return EntranceRoutes(
            accounts: services.accounts, pages: pages, cookies: cookies, limiter: limiter, throttle: services.throttle
        ).routes
            + ResetRoutes(
                accounts: services.accounts, mail: services.mail, address: address, pages: pages, cookies: cookies,
                limiter: limiter, throttle: services.throttle, logger: logger
            ).routes
            + AccountRoutes(
                services: services, pages: pages, cookies: cookies, limiter: limiter,
                letters: Self.letters(configuration, services, pages, logger), logger: logger
            ).routes
    }

    private static func appointmentRoutes(
        _ configuration: WebConfiguration, _ services: SiteServices, _ pages: PageRenderer, _ logger: Logger
    ) -> [Route] {
        let limiter = RateLimiter(
            burst: configuration.accountBurst, perMinute: configuration.accountAttemptsPerMinute,
            message: "errors.accounts.attempts")
        let letters = letters(configuration, services, pages, logger)
        return AppointmentRoutes(
            services: services, pages: pages, publicURL: configuration.publicURL, letters: letters, limiter: limiter
        ).routes
            + ReviewRoutes(services: services, pages: pages).routes
            + PracticeScheduleRoutes(services: services, pages: pages).routes
    }

    private static func letters(
        _ configuration: WebConfiguration, _ services: SiteServices, _ pages: PageRenderer, _ logger: Logger
    ) -> AppointmentLetters {
        AppointmentLetters(
            booking: services.booking, mail: services.mail, publicURL: configuration.publicURL, text: pages.site.text,
            logger: logger)
    }

    /// The router with every route behind the guard.
    func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            ObservationMiddleware(metrics: metrics)
            SecurityHeadersMiddleware(isEncrypted: configuration.isEncrypted)
            PageCompressionMiddleware()
            ProblemMiddleware(pages: content.pages)
            HostMiddleware()
            PrincipalMiddleware(
                accounts: services.accounts, notices: services.notices,
                cookies: SiteCookies(isSecure: configuration.hasSecureCookies),
                key: services.key("csrf"), isBehindProxy: configuration.isBehindProxy)
            // Once more inside, where it is known who asks, so that the page of a problem is theirs.
            ProblemMiddleware(pages: content.pages)
            CrossSiteMiddleware(publicURL: configuration.publicURL)
        }
        let gate = RouteGuard(isOpenLocally: configuration.isOpenLocally)
        for route in routes { gate.add(route, to: router) }
        refuseOtherMethods(router)
        return router
    }

    /// Tells programs which methods an address knows (RFC 9110, 15.5.6), where the router would say that it is not there.
    private func refuseOtherMethods(_ router: Router<WebContext>) {
        let standard: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .options, .trace]
        let query = HTTPRequest.Method("QUERY").map { [$0] } ?? []
        let pages = Dictionary(grouping: routes.filter { $0.isForProgram }, by: \.path)
        for (path, routes) in pages {
            var known = routes.map(\.method)
            if known.contains(.get) { known.append(.head) }
            let allow = known.map(\.rawValue).sorted().joined(separator: ", ")
            for method in standard + query where !known.contains(method) {
                router.on(RouterPath(path), method: method) { request, _ -> Response in
                    throw WebError(
                        .methodNotAllowed, "errors.requests.method",
                        ["allowed": allow, "method": request.method.rawValue], fields: ["Allow": allow])
                }
            }
        }
    }

    /// The pages of administrators. What asks for the password again is counted by address, as logging in is.
    static func adminRoutes(
        _ configuration: WebConfiguration, _ services: SiteServices, _ content: SiteContent,
        _ service: ScreeningService, _ limiter: RateLimiter
    ) -> [Route] {
        AdminRoutes(
            services: services, pages: content.pages, chartScripts: content.chartScripts, limits: configuration.upload,
            limiter: limiter, service: service
        ).routes
    }

    /// Places, and the entries of doctors: their own and as others see them.
    static func directoryRoutes(
        _ configuration: WebConfiguration, _ services: SiteServices, _ pages: PageRenderer
    ) -> [Route] {
        let text = pages.site.text
        let typing = RateLimiter(
            burst: configuration.placesPerBurst, perMinute: configuration.placesPerMinute,
            message: "errors.places.busy")
        let files = RateLimiter(burst: configuration.imagesPerBurst, perMinute: configuration.imagesPerMinute)
        return PlaceRoutes(services: services, text: text, limiter: typing).routes
            + ProfileRoutes(services: services, pages: pages).routes
            + PracticeRoutes(services: services, pages: pages, limiter: files).routes
    }
}
