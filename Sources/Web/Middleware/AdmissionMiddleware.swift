import HTTPTypes
import Hummingbird

/// Limits how many images one address may send.
struct RateLimitMiddleware: RouterMiddleware {
    let limiter: RateLimiter

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        try limiter.admit(context.remoteAddress)
        return try await next(request, context)
    }
}

/// Lets only callers with a known bearer token through, where tokens are set.
struct TokenMiddleware: RouterMiddleware {
    let tokens: APITokens?

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        if let tokens, !tokens.admit(request.headers[.authorization]) {
            throw WebError(.unauthorized, "Send a token of this server in the header “Authorization: Bearer …”.")
        }
        return try await next(request, context)
    }
}
