import HTTPTypes
import Hummingbird

/// Puts the browser's protections on every response (OWASP ASVS 5.0, chapter 3).
struct SecurityHeadersMiddleware: RouterMiddleware {
    /// No inline script or style, nothing from elsewhere, no framing; pictures may also come embedded as `data:`.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "font-src 'self'", "form-action 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
        "manifest-src 'self'", "worker-src 'self'",
    ].joined(separator: "; ")

    private static let fields: [(String, String)] = [
        ("Content-Security-Policy", contentSecurityPolicy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    /// What a page may ask the browser for: the page of the live microscope the camera, no page the microphone.
    private static func permissions(at path: String) -> String {
        let camera = path == "/live" ? "(self)" : "()"
        return "camera=\(camera), microphone=(), geolocation=(self), interest-cohort=()"
    }

    /// Whether browsers shall insist on TLS for two years (RFC 6797).
    let isEncrypted: Bool

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        // The browser has them from when it got what it keeps (RFC 9110, 15.4.5).
        if response.status == .notModified { return response }
        for (name, value) in Self.fields + [("Permissions-Policy", Self.permissions(at: request.uri.path))] {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        if isEncrypted {
            response.headers[.strictTransportSecurity] = "max-age=63072000; includeSubDomains"
        }
        // What was made for one person stays out of every cache, unless a route says otherwise.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
