import Foundation
import HTTPTypes
import Hummingbird

/// Lets WebKit (Safari) log in on `http://localhost`.
///
/// Chromium and Firefox take cookies with `Secure`, and with a name that begins with `__Host-`, from this machine without TLS,
/// for nothing crosses a network there (W3C Secure Contexts, 3.1). WebKit drops them without a word, and whoever logs in is asked to
/// log in again. So a WebKit that asks over plain HTTP, for this machine's own name, has the same cookies under plain names and
/// without `Secure`; all else of them stays (`HttpOnly`, `SameSite`, `Path`). Everywhere else nothing is changed: with TLS, or under any
/// other name, WebKit keeps the stricter cookies.
struct LoopbackCookieMiddleware: RouterMiddleware {
    private static let prefix = "__Host-"

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard Self.needsPlainCookies(request) else { return try await next(request, context) }
        var head = request.head
        head.headerFields[values: .cookie] = head.headerFields[values: .cookie].map(Self.prefixed)
        var response = try await next(Request(head: head, body: request.body), context)
        response.headers[values: .setCookie] = response.headers[values: .setCookie].map(Self.plain)
        return response
    }

    private static func needsPlainCookies(_ request: Request) -> Bool {
        guard let host = request.head.authority.map(hostName), WebConfiguration.isLoopback(host),
            let browser = request.headers[.userAgent]
        else { return false }
        // Chromium calls itself AppleWebKit too, and its own name behind it.
        return browser.contains("AppleWebKit/") && !browser.contains("Chrome/") && !browser.contains("Chromium/")
    }

    /// The host of `host:port`, with the brackets of IPv6.
    private static func hostName(_ authority: String) -> String {
        guard let colon = authority.lastIndex(of: ":"), authority.last != "]" else { return authority }
        return String(authority[..<colon])
    }

    /// The cookies of a request as the server names them. One that has the prefix already did not come by this way.
    private static func prefixed(_ field: String) -> String {
        field.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.hasPrefix(prefix) }.map { prefix + $0 }.joined(separator: "; ")
    }

    private static func plain(_ field: String) -> String {
        guard field.hasPrefix(prefix) else { return field }
        return field.dropFirst(prefix.count).split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.lowercased() != "secure" }.joined(separator: "; ")
    }
}
