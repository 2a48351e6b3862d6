import Hummingbird

/// Refuses a request that does not say for which host it is (RFC 9112, 3.2); `HTTPManners` has looked at the field.
struct HostMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard request.head.authority != nil else { throw WebError(.malformedRequest, "errors.requests.host") }
        return try await next(request, context)
    }
}
