import Foundation
import HTTPTypes
import Hummingbird

/// Refuses requests that change or cost something when another site made the browser send them.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site` (W3C Fetch Metadata), older ones in `Origin`
/// (RFC 6454). A request with neither comes from no browser, and carries nobody's session.
struct CrossSiteMiddleware: RouterMiddleware {
    /// Where people reach the site, when that is not the host that the request names.
    let publicURL: URL?

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let isSafe = [HTTPRequest.Method.get, .head, .options].contains(request.method)
        guard isSafe || isSameOrigin(request) else { throw WebError(.crossSite, "errors.requests.crossSite") }
        return try await next(request, context)
    }

    private func isSameOrigin(_ request: Request) -> Bool {
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }) {
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin] else { return true }
        guard let url = URL(string: origin), let host = url.host() else { return false }
        let authority = (url.port.map { "\(host):\($0)" } ?? host).lowercased()
        if let publicURL, let own = publicURL.host() {
            return url.scheme == publicURL.scheme && authority == (publicURL.port.map { "\(own):\($0)" } ?? own)
        }
        return authority == request.head.authority?.lowercased()
    }
}
