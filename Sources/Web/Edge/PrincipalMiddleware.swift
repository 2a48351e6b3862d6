import Clinic
import Crypto
import Formats
import Foundation
import HTTPTypes
import Hummingbird

/// Finds out who asks: by the session's cookie for pages, by the bearer token (RFC 6750) for the API.
struct PrincipalMiddleware: RouterMiddleware {
    let accounts: Accounts
    let notices: Notices
    let consents: Consents
    let cookies: SiteCookies
    /// The key of the tokens against forged requests.
    let key: [UInt8]
    let isBehindProxy: Bool
    let notes: RefusalNotes

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if isBehindProxy { context.remoteAddress = Self.forwardedAddress(request) ?? context.remoteAddress }
        let path = request.uri.path
        if path.hasPrefix("/assets/") || path == "/healthz" { return try await next(request, context) }
        if path.hasPrefix("/api/") || path.hasPrefix(Route.fhir) || path == "/metrics" || path == "/readyz" {
            context.principal = try await bearer(of: request, from: context.remoteAddress)
            return try await next(request, context)
        }
        let secret = cookies.session(in: request)
        let active = if let secret { try await accounts.session(secret) } else { Accounts.ActiveSession?.none }
        if let active, let secret {
            context.principal = Principal(user: active.user, means: .session(active.session))
            let account = Self.account(active.user.id, key: key)
            context.browser = BrowserSecret(cookie: secret.text, key: key, account: account, isNew: false)
            context.account = account
            if !path.contains("/pictures/"), !path.contains("/tiles/"), !path.hasSuffix("/status"),
                !path.hasSuffix("/events")
            {
                context.unseen = try await notices.count(of: active.user.id)
                context.standing = try await consents.standing(of: active.user.id)
            }
        } else {
            let visitor = cookies.visitor(in: request)
            context.browser = BrowserSecret(
                cookie: (visitor ?? SecretToken()).text, key: key, isNew: visitor == nil)
        }
        return try await next(request, context)
    }

    /// What tells a device one account from another, and tells nobody which account that is.
    static func account(_ user: UserID, key: [UInt8]) -> String {
        HMAC<SHA256>.authenticationCode(for: Data("offline \(user.text)".utf8), using: SymmetricKey(data: key))
            .prefix(16).hexadecimal
    }

    /// Who sent the token; nil without one. A token that was sent must be valid.
    private func bearer(of request: Request, from address: String) async throws -> Principal? {
        guard let field = request.headers[.authorization] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let secret = SecretToken(String(parts[1])) else {
            throw Self.refusal(.unknown)
        }
        switch try await accounts.bearer(secret) {
        case .opens(let found): return Principal(user: found.user, means: .token(found.token))
        case .refused(let refused):
            if notes.admits(address) { try await accounts.noteRefusal(refused) }
            throw Self.refusal(refused.reason)
        }
    }

    /// Whoever holds a token that has ended is told so; of others, nothing is said but that they open nothing.
    private static func refusal(_ reason: Accounts.RefusedToken.Reason) -> WebError {
        // RFC 6750, 3.1.
        let challenge = "Bearer realm=\"leukoscope\", error=\"invalid_token\""
        switch reason {
        case .expired:
            return WebError(
                .unauthorized, "errors.requests.tokenExpired",
                fields: ["WWW-Authenticate": challenge + ", error_description=\"The token has expired\""])
        case .unknown, .revoked, .disabled:
            return WebError(.unauthorized, "errors.requests.token", fields: ["WWW-Authenticate": challenge])
        }
    }

    /// The address that the proxy itself saw: the last of `X-Forwarded-For`, since those before it are hearsay.
    private static func forwardedAddress(_ request: Request) -> String? {
        guard let name = HTTPField.Name("X-Forwarded-For"), let field = request.headers[values: name].last,
            let last = field.split(separator: ",").last
        else { return nil }
        let address = last.trimmingCharacters(in: .whitespaces)
        return address.isEmpty || address.utf8.count > 45 ? nil : address
    }
}
