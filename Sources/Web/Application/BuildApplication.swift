import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import ServiceLifecycle
import Telemetry
import UnixSignals

/// Puts the web server together; the program and the tests both call this.
///
/// - Parameters:
///   - configuration: What the server is told.
///   - services: What it stands on.
///   - queue: The screening queue; by default one as `configuration` states.
///   - metrics: Where is counted.
///   - logger: Where to log.
///   - onReady: Called once with the server's address when it accepts connections.
/// - Returns: The server, not yet running.
/// - Throws: `WebError.configuration` for unsafe settings, `WebError.resource` for a missing or broken file.
public func buildApplication(
    configuration: WebConfiguration, services: SiteServices, queue: ScreeningQueue? = nil,
    metrics: MetricsRegistry = .ofSite(), logger: Logger,
    onReady: @escaping @Sendable (String) -> Void = { _ in }
) async throws -> some ApplicationProtocol {
    let site = try await SiteRoutes(
        configuration: configuration, services: services, queue: queue, metrics: metrics, logger: logger)
    let idle = TimeAmount.nanoseconds(Int64(configuration.idleTimeout / .nanoseconds(1)))
    let ledger = ConnectionLedger(configuration.connections, isBehindProxy: configuration.isBehindProxy)
    return Application(
        router: site.router(),
        server: try server(
            .init(additionalChannelHandlers: [ConnectionGuard(ledger, logger: logger)], idleTimeout: idle),
            configuration),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
        onServerRunning: { channel in
            let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
            onReady(
                "\(configuration.tls == nil ? "http" : "https")://\(host):\(channel.localAddress?.port ?? configuration.port)"
            )
        },
        logger: logger)
}

/// HTTP/1.1, within TLS where the server has a certificate.
private func server(
    _ channel: HTTP1Channel.Configuration, _ configuration: WebConfiguration
) throws -> HTTPServerBuilder {
    guard let tls = configuration.tls else { return .http1(configuration: channel) }
    return try .tls(.http1(configuration: channel), tlsConfiguration: tls.configuration())
}

/// Serves until a signal asks for the end; then answers at work have `configuration.stopTime` to finish.
///
/// - Throws: `WebError` where the server cannot start or go on.
public func serveUntilStopped(_ application: some ApplicationProtocol, configuration: WebConfiguration) async throws {
    var group = ServiceGroupConfiguration(
        services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: application.logger)
    group.maximumGracefulShutdownDuration = configuration.stopTime
    do { try await ServiceGroup(configuration: group).run() } catch {
        throw WebError(stopping: error, configuration: configuration)
    }
}

/// Every route of the server with who may use it.
///
/// - Throws: As `buildApplication`.
public func routeTable(
    configuration: WebConfiguration, services: SiteServices, logger: Logger
) async throws -> [RouteEntry] {
    try await SiteRoutes(
        configuration: configuration, services: services, queue: nil, metrics: .ofSite(), logger: logger
    )
    .routes.map(RouteEntry.init)
}
