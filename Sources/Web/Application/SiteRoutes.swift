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
        // What is counted is counted in whatever language somebody asks.
        let shared = Shared(configuration, services, content, service, logger)
        var tables: [String: [Route]] = [:]
        for (language, pages) in content.pages.all {
            guard let learn = content.learn[language] else { continue }
            tables[language] = try Self.routes(of: pages, learn, shared)
        }
        routes = Route.spoken(tables, otherwise: content.texts.site.language)
        (self.configuration, self.services, self.content, self.metrics) = (configuration, services, content, metrics)
    }

    /// What the routes of all languages have in common: their work, and what they count.
    private struct Shared {
        let configuration: WebConfiguration
        let services: SiteServices
        let content: SiteContent
        let service: ScreeningService
        let cookies: SiteCookies
        let letters: AppointmentLetters
        let logger: Logger
        /// Images of one address.
        let images: RateLimiter
        /// Files of the directory of one address.
        let files: RateLimiter
        /// Searches for a place of one address.
        let places: RateLimiter
        /// Attempts at all that asks for the password.
        let attempts: RateLimiter
        /// Bookings of one address.
        let bookings: RateLimiter
        /// Streams that one person may have open: one a page that follows a case.
        let streams = OpenStreams(maximumPerPerson: 8)

        init(
            _ configuration: WebConfiguration, _ services: SiteServices, _ content: SiteContent,
            _ service: ScreeningService, _ logger: Logger
        ) {
            (self.configuration, self.services, self.content) = (configuration, services, content)
            (self.service, self.logger) = (service, logger)
            cookies = SiteCookies(isSecure: configuration.hasSecureCookies)
            letters = AppointmentLetters(
                booking: services.booking, mail: services.mail, publicURL: configuration.publicURL,
                texts: content.texts, logger: logger)
            let images = { RateLimiter(burst: configuration.imagesPerBurst, perMinute: configuration.imagesPerMinute) }
            (self.images, files) = (images(), images())
            places = RateLimiter(
                burst: configuration.placesPerBurst, perMinute: configuration.placesPerMinute,
                message: "errors.places.busy")
            let attempts = {
                RateLimiter(
                    burst: configuration.accountBurst, perMinute: configuration.accountAttemptsPerMinute,
                    message: "errors.accounts.attempts")
            }
            (self.attempts, bookings) = (attempts(), attempts())
        }
    }

    /// All routes, answering in one language.
    private static func routes(of pages: PageRenderer, _ learn: LearnPage, _ shared: Shared) throws -> [Route] {
        let services = shared.services
        let cases = CaseRoutes(
            services: services, pages: pages, limits: shared.configuration.upload, limiter: shared.images,
            streams: shared.streams)
        let reports = ReportMaker(text: pages.site.text, address: shared.configuration.publicURL)
        let readings = ReadingRoutes(services: services, pages: pages, cookies: shared.cookies)
        return try accountRoutes(pages, shared)
            + PageRoutes(
                service: shared.service, pages: pages, learn: learn, assets: shared.content.assets,
                limiter: shared.images, intake: cases.intake
            ).routes + cases.routes
            + ScreeningRoutes(services: services, pages: pages, reports: reports).routes + readings.routes
            + CellRoutes(services: services, pages: pages, cookies: shared.cookies).routes
            + CaseReadingRoutes(services: services, pages: pages, cookies: shared.cookies).routes
            + CasePersonRoutes(services: services, pages: pages, reports: reports).routes
            + SiteChoiceRoutes(services: services).routes
            + NoticeRoutes(services: services).routes + SharingRoutes(services: services, pages: pages).routes
            + APIRoutes(
                services: services, service: shared.service, limiter: shared.images,
                description: shared.content.openAPI, reports: reports
            ).routes
            + OperationsRoutes(
                service: shared.service, readiness: services.readiness, models: services.models
            ).routes
            + directoryRoutes(pages, shared) + DoctorSearchRoutes(services: services, pages: pages).routes
            + appointmentRoutes(pages, shared)
            + AdminRoutes(
                services: services, pages: pages, chartScripts: shared.content.chartScripts,
                limits: shared.configuration.upload, limiter: shared.attempts, service: shared.service
            ).routes
    }

    private static func accountRoutes(_ pages: PageRenderer, _ shared: Shared) throws -> [Route] {
        let (configuration, services) = (shared.configuration, shared.services)
        guard services.mail == nil || configuration.publicURL != nil else {
            throw WebError(.configuration, fault: "Letters hold links: name the site's address with --public-url.")
        }
        let address = (configuration.publicURL?.absoluteString ?? "").trimmingCharacters(in: ["/"])
        return EntranceRoutes(
            accounts: services.accounts, pages: pages, cookies: shared.cookies, limiter: shared.attempts,
            throttle: services.throttle
        ).routes
            + ResetRoutes(
                accounts: services.accounts, mail: services.mail, address: address, pages: pages,
                texts: shared.content.texts, cookies: shared.cookies, limiter: shared.attempts,
                throttle: services.throttle, logger: shared.logger
            ).routes
            + AccountRoutes(
                services: services, pages: pages, cookies: shared.cookies, limiter: shared.attempts,
                letters: shared.letters, logger: shared.logger
            ).routes
            + LanguageRoutes(
                accounts: services.accounts, texts: shared.content.texts, cookies: shared.cookies
            ).routes
    }

    private static func appointmentRoutes(_ pages: PageRenderer, _ shared: Shared) -> [Route] {
        AppointmentRoutes(
            services: shared.services, pages: pages, publicURL: shared.configuration.publicURL,
            letters: shared.letters, limiter: shared.bookings
        ).routes
            + ReviewRoutes(services: shared.services, pages: pages).routes
            + PracticeScheduleRoutes(services: shared.services, pages: pages).routes
    }

    /// Places, and the entries of doctors: their own and as others see them.
    private static func directoryRoutes(_ pages: PageRenderer, _ shared: Shared) -> [Route] {
        PlaceRoutes(services: shared.services, text: pages.site.text, limiter: shared.places).routes
            + ProfileRoutes(services: shared.services, pages: pages).routes
            + PracticeRoutes(services: shared.services, pages: pages, limiter: shared.files).routes
    }

    /// The router with every route behind the guard.
    func router() -> Router<WebContext> {
        let cookies = SiteCookies(isSecure: configuration.hasSecureCookies)
        let router = Router(context: WebContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            ObservationMiddleware(metrics: metrics)
            SecurityHeadersMiddleware(isEncrypted: configuration.isEncrypted)
            PageCompressionMiddleware()
            LanguageMiddleware(texts: content.texts, cookies: cookies)
            ProblemMiddleware(pages: content.pages)
            HostMiddleware()
            PrincipalMiddleware(
                accounts: services.accounts, notices: services.notices, cookies: cookies,
                key: services.key("csrf"), isBehindProxy: configuration.isBehindProxy)
            // Both once more inside, where it is known who asks, so that language and page of a problem are theirs.
            LanguageMiddleware(texts: content.texts, cookies: cookies)
            ProblemMiddleware(pages: content.pages)
            CrossSiteMiddleware(publicURL: configuration.publicURL)
        }
        let gate = RouteGuard(
            isOpenLocally: configuration.isOpenLocally,
            pages: Set(routes.filter { $0.method == .get && !$0.isForProgram }.map(\.path)))
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
}
