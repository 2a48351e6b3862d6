import Clinic
import HTTPTypes
import Hummingbird

/// Tells the service worker whose a page is, and whether a copy of it may stay on the device for when there is no network.
///
/// Copies are made for one account at a time: a page of another account, or of nobody, makes the worker delete them. What
/// clinicians and administrators see of patients is never copied, so that no copy holds a network's answer that a reader
/// is not to see before signing.
struct OfflineCopyMiddleware: RouterMiddleware {
    /// Pages that hold nothing of patients.
    private static let open: Set<String> = ["/", "/doctors", "/learn", "/learn/quality", "/waiting"]
    /// Lists of a patient's own things; each of their entries has one segment more.
    private static let own: Set<String> = ["/cases", "/screenings", "/appointments"]

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard request.method == .get, response.headers[.contentType]?.hasPrefix("text/html") == true,
            let account = HTTPField.Name("Offline-Account"), let copy = HTTPField.Name("Offline-Copy")
        else { return response }
        response.headers[account] = context.account ?? "nobody"
        // What was typed into a form stays in no copy.
        let isFilled = request.uri.queryParameters.get("kept") != nil
        if response.status == .ok, !isFilled, Self.mayBeCopied(request.uri.path, for: context.principal?.user.role) {
            // A boolean of a structured field (RFC 9651, 3.3.6).
            response.headers[copy] = "?1"
        }
        return response
    }

    /// - Parameter role: Of who asks; nil for nobody.
    static func mayBeCopied(_ path: String, for role: Role?) -> Bool {
        if open.contains(path) { return true }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        // A doctor's entry in the directory.
        if parts.count == 2, parts[0] == "doctors", parts[1] != "ranking" { return true }
        guard role == .patient, let first = parts.first, own.contains("/\(first)") else { return false }
        return parts.count == 1 || (parts.count == 2 && parts[1].utf8.count == 22)
    }
}
