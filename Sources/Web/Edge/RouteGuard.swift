import Clinic
import HTTPTypes
import Hummingbird
import NIOCore

/// Stands before every route: who may use it, how often, and whether this browser's own page sent the form.
struct RouteGuard: Sendable {
    /// Whether programs on this machine may use `tokenUnlessLocal` without a token.
    let isOpenLocally: Bool
    /// The paths of pages that may be asked for without changing anything.
    let pages: Set<String>

    /// The largest urlencoded form.
    static let formBytes = 65_536

    /// Puts the route into the router, behind this guard.
    func add(_ route: Route, to router: Router<WebContext>) {
        router.on(RouterPath(route.path), method: route.method) { request, context in
            var (request, context) = (request, context)
            if route.changes, pages.contains(route.path) { context.address = request.uri.path }
            try route.limiter?.admit(NetworkPrefix.text(context.remoteAddress))
            if let redirect = try admit(request, context, to: route) { return redirect }
            if route.changes && route.access.scope == nil {
                try await checkForgery(&request, &context, of: route)
            }
            return try await route.handler(request, context)
        }
    }

    /// - Returns: Where to send somebody who has to log in first; nil for who may pass.
    private func admit(_ request: Request, _ context: WebContext, to route: Route) throws -> Response? {
        switch route.access.passes {
        case .everybody: return nil
        case .operators: try admitOperator(context)
        case .programs(let scope, let isOpenLocally):
            try admitToken(context, scope: scope, isNeeded: !(isOpenLocally && self.isOpenLocally))
        case .people(let roles):
            guard let principal = context.principal, principal.session != nil else {
                return try loginRedirect(request, of: route)
            }
            guard roles.contains(principal.role) else { throw WebError(.notFound, "errors.nothingHere") }
        }
        return nil
    }

    private func admitToken(_ context: WebContext, scope: APIToken.Scope, isNeeded: Bool) throws {
        guard let scopes = context.principal?.scopes else {
            guard isNeeded else { return }
            throw WebError(.unauthorized, "errors.requests.noToken")
        }
        guard scopes.contains(scope) else {
            // RFC 6750, 3.1.
            throw WebError(
                .forbidden, "errors.requests.scope", ["scope": scope.rawValue],
                fields: [
                    "WWW-Authenticate":
                        "Bearer realm=\"leukoscope\", error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
                ])
        }
    }

    private func admitOperator(_ context: WebContext) throws {
        if Self.isLoopback(context.remoteAddress) { return }
        guard let principal = context.principal, principal.scopes?.contains(.read) == true else {
            throw WebError(.unauthorized, "errors.requests.operator")
        }
        guard principal.role == .administrator else { throw WebError(.forbidden, "errors.requests.administrator") }
    }

    static func isLoopback(_ address: String) -> Bool {
        address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }

    private func loginRedirect(_ request: Request, of route: Route) throws -> Response {
        if request.headers[.accept]?.contains("application/json") == true || request.headers[.csrfToken] != nil {
            throw WebError(.unauthorized, "errors.requests.login")
        }
        let next = route.changes ? "" : "?next=\(OwnPath.encode(request.uri.string))"
        return Response.redirect(to: "/login\(next)", type: .normal)
    }

    private func checkForgery(_ request: inout Request, _ context: inout WebContext, of route: Route) async throws {
        let type = try HeaderParameters(parsing: request.headers[.contentType] ?? "").value
        if type == "application/x-www-form-urlencoded" {
            let body = try await Self.collect(&request)
            context.form = FormFields(parsing: body)
            if route.check == .formOfUser, context.principal == nil { return }
        } else if [.upload, .uploadOfUser].contains(route.check),
            request.headers[.csrfToken] == nil || context.principal == nil
        {
            return
        }
        try context.checkForgery(context.form["csrf"], in: request)
    }

    private static func collect(_ request: inout Request) async throws -> [UInt8] {
        let tooLarge = WebError(.tooLarge, "errors.uploads.formTooManyBytes", ["bytes": formBytes])
        let bytes = try await BodyReader(maximumBytes: formBytes, tooLarge: tooLarge).bytes(request)
        request.body = RequestBody(buffer: bytes)
        return Array(bytes.readableBytesView)
    }
}
