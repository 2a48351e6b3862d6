import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Packaging
import Screening

/// Puts the web server together; the program and the tests both call this.
///
/// - Parameters:
///   - configuration: What the server is told.
///   - release: The model that answers uploads.
///   - demonstration: The model that answers the drawn examples; without it the page shows none.
///   - queue: The screening queue; by default one as `configuration` states.
///   - logger: Where to log.
///   - onReady: Called once with the server's address when it accepts connections.
/// - Returns: The server, not yet running.
/// - Throws: `WebError.configuration` for unsafe settings, `WebError.resource` for a missing or broken file.
public func buildApplication(
    configuration: WebConfiguration, release: Screener, demonstration: Screener?, queue: ScreeningQueue? = nil,
    logger: Logger, onReady: @escaping @Sendable (String) -> Void = { _ in }
) async throws -> some ApplicationProtocol {
    try configuration.validate()
    let content = try await SiteContent(configuration: configuration, release: release, demonstration: demonstration)
    let metrics = WebMetrics()
    let service = ScreeningService(
        release: release, demonstration: demonstration,
        queue: queue
            ?? ScreeningQueue(
                maximumRunning: configuration.maximumRunningScreenings,
                maximumWaiting: configuration.maximumWaitingScreenings),
        metrics: metrics, limits: configuration.upload)
    let limiter = RateLimiter(burst: configuration.imagesPerBurst, perMinute: configuration.imagesPerMinute)

    let router = Router(context: WebContext.self, options: [.autoGenerateHeadEndpoints])
    router.addMiddleware {
        ObservationMiddleware(metrics: metrics)
        SecurityHeadersMiddleware()
        ProblemMiddleware(pages: content.pages)
        CrossSiteMiddleware()
    }
    PageRoutes(
        service: service, pages: content.pages, learn: content.learn, assets: content.assets, limiter: limiter
    ).add(to: router)
    APIRoutes(
        service: service, limiter: limiter, tokens: configuration.apiTokens, description: content.openAPI
    ).add(to: router)
    OperationsRoutes(service: service).add(to: router)

    let idle = TimeAmount.nanoseconds(Int64(configuration.idleTimeout / .nanoseconds(1)))
    return Application(
        router: router, server: .http1(configuration: .init(idleTimeout: idle)),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
        onServerRunning: { channel in
            let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
            onReady("http://\(host):\(channel.localAddress?.port ?? configuration.port)")
        },
        logger: logger)
}
