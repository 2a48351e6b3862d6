import HTTPTypes
import Hummingbird
import Logging

/// Counts and logs every answer: method, route, status and time; never names, addresses asked for, or content.
struct ObservationMiddleware: RouterMiddleware {
    let metrics: WebMetrics

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        let response = try await next(request, context)
        let route = context.endpointPath ?? "other"
        let method = Self.knownMethods.contains(request.method) ? request.method.rawValue : "other"
        metrics.countRequest(method: method, route: route, status: response.status.code)
        let milliseconds = started.duration(to: .now) / .milliseconds(1)
        context.logger.log(
            level: response.status.code >= 500 ? .warning : .info, "answered",
            metadata: [
                "method": "\(method)", "route": "\(route)", "status": "\(response.status.code)",
                "ms": "\(Int(milliseconds.rounded()))",
            ])
        return response
    }

    /// Other methods share one label, so that a sender cannot make labels without end.
    private static let knownMethods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}
