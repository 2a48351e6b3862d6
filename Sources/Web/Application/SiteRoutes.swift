import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Telemetry
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
        configuration: WebConfiguration, services: SiteServices, queue: ScreeningQueue?,
        metrics registry: MetricsRegistry,
        logger: Logger
    ) async throws {
        try configuration.validate()
        let content = try await SiteContent(configuration: configuration, services: services)
        let metrics = WebMetrics(registry)
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
        /// Parts of slides of one address: a slide has hundreds, and takes nothing from the images of others behind that address.
        let parts: RateLimiter
        /// Searches for a place of one address.
        let places: RateLimiter
        /// Attempts at all that asks for the password.
        let attempts: RateLimiter
        /// Bookings of one address.
        let bookings: RateLimiter
        /// Links to reports of one address.
        let links: RateLimiter
        /// Requests of other systems of one address.
        let requests: RateLimiter
        /// Where people reach the site, without a slash at the end; empty where nobody has named it.
        var address: String { PublicAddress.plain(configuration.publicURL?.absoluteString ?? "") }
        /// Streams that one person may have open: one a page that follows a case.
        let streams = OpenStreams(maximumPerPerson: 8)
        /// Who looks through a microscope live.
        let live: LiveSessions
        /// Who watches them.
        let rooms = LiveRooms()
        /// Words of one address.
        let words: RateLimiter
        /// Looks at frames of one address.
        let looks: RateLimiter

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
            let pace = services.pace
            live = LiveSessions(now: pace)
            words = RateLimiter(burst: 30, perMinute: 60, message: "errors.watch.tooFast", now: pace)
            looks = RateLimiter(
                burst: 60, perMinute: 60 * 15 * LiveRooms.maximumWatchers, message: "errors.live.tooFast", now: pace)
            let images = {
                RateLimiter(
                    burst: configuration.imagesPerBurst, perMinute: configuration.imagesPerMinute, now: pace)
            }
            (self.images, files, parts, requests) = (images(), images(), images(), images())
            places = RateLimiter(
                burst: configuration.placesPerBurst, perMinute: configuration.placesPerMinute,
                message: "errors.places.busy", now: pace)
            let attempts = {
                RateLimiter(
                    burst: configuration.accountBurst, perMinute: configuration.accountAttemptsPerMinute,
                    message: "errors.accounts.attempts", now: pace)
            }
            (self.attempts, bookings, links) = (attempts(), attempts(), attempts())
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
            + LiveRoutes(
                services: services, pages: pages, sessions: shared.live, rooms: shared.rooms,
                script: shared.content.microscopeScript, watchScript: shared.content.watchScript
            ).routes
            + WatchRoutes(
                services: services, pages: pages, cookies: shared.cookies, rooms: shared.rooms, limiter: shared.links,
                frames: shared.looks, words: shared.words,
                address: shared.configuration.publicURL, script: shared.content.watchScript
            ).routes
            + SlideRoutes(
                services: services, pages: pages, limits: shared.configuration.upload, limiter: shared.images,
                parts: shared.parts, script: shared.content.slideScript
            ).routes
            + CellRoutes(services: services, pages: pages, cookies: shared.cookies).routes
            + CaseReadingRoutes(services: services, pages: pages, cookies: shared.cookies).routes
            + CasePersonRoutes(services: services, pages: pages, reports: reports, cookies: shared.cookies).routes
            + ConsentRoutes(services: services, pages: pages).routes
            + PeopleRoutes(services: services, pages: pages).routes
            + ReportLinkRoutes(services: services, pages: pages, reports: reports, limiter: shared.links).routes
            + SiteChoiceRoutes(services: services).routes
            + OfflineRoutes(pages: pages, files: shared.content.offline).routes
            + NoticeRoutes(services: services).routes + SharingRoutes(services: services, pages: pages).routes
            + APIRoutes(
                services: services, service: shared.service, limiter: shared.images, parts: shared.parts,
                description: shared.content.openAPI, reports: reports
            ).routes
            + FHIRRoutes(
                services: services, reports: reports, limiter: shared.requests,
                usesSNOMED: shared.configuration.usesSNOMED
            ).routes
            + OperationsRoutes(
                service: shared.service, readiness: services.readiness, models: services.models,
                inference: services.inference, faults: services.faults
            ).routes
            + directoryRoutes(pages, shared) + DoctorSearchRoutes(services: services, pages: pages).routes
            + appointmentRoutes(pages, shared)
            + AdminRoutes(
                services: services, pages: pages, chartScripts: shared.content.chartScripts,
                limits: shared.configuration.upload, limiter: shared.attempts, service: shared.service,
                letters: AccountLetters(
                    mail: services.mail, address: shared.address, texts: shared.content.texts), logger: shared.logger
            ).routes
    }

    private static func accountRoutes(_ pages: PageRenderer, _ shared: Shared) throws -> [Route] {
        let (configuration, services) = (shared.configuration, shared.services)
        guard services.mail == nil || configuration.publicURL != nil else {
            throw WebError(.configuration, fault: "Letters hold links: name the site's address with --public-url.")
        }
        return EntranceRoutes(
            accounts: services.accounts, pages: pages, cookies: shared.cookies, limiter: shared.attempts,
            throttle: services.throttle, keeper: services.formKeeper
        ).routes
            + ResetRoutes(
                accounts: services.accounts, mail: services.mail, address: shared.address, pages: pages,
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
            if configuration.hasSecureCookies && !configuration.isEncrypted { LoopbackCookieMiddleware() }
            LanguageMiddleware(texts: content.texts, cookies: cookies)
            ProblemMiddleware(pages: content.pages)
            HostMiddleware()
            PrincipalMiddleware(
                accounts: services.accounts, notices: services.notices, consents: services.consents,
                cookies: cookies, key: services.key("csrf"), isBehindProxy: configuration.isBehindProxy,
                notes: RefusalNotes(now: services.pace))
            OfflineCopyMiddleware()
            // Both once more inside, where it is known who asks, so that language and page of a problem are theirs.
            LanguageMiddleware(texts: content.texts, cookies: cookies)
            ProblemMiddleware(pages: content.pages)
            KeptFormMiddleware(keeper: services.formKeeper, texts: content.texts)
            CrossSiteMiddleware(publicURL: configuration.publicURL)
        }
        let spoken = content.pages
        let gate = RouteGuard(
            isOpenLocally: configuration.isOpenLocally,
            pages: Set(routes.filter { $0.method == .get && !$0.isForProgram }.map(\.path)),
            keeper: services.formKeeper,
            logIn: { context, next, kept in
                try LoginPage.keeping(
                    kept, next: next, context, pages: spoken[context.language], cookies: cookies)
            })
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
