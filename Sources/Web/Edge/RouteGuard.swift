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
    /// Keeps what was typed into a form whose session has ended.
    let keeper: FormKeeper
    /// The page that asks to log in, carrying a form that is kept.
    let logIn: @Sendable (WebContext, _ next: String, _ kept: String) throws -> Response

    /// The largest urlencoded form.
    static let formBytes = 65_536

    /// Puts the route into the router, behind this guard.
    func add(_ route: Route, to router: Router<WebContext>) {
        router.on(RouterPath(route.path), method: route.method) { request, context in
            var (request, context) = (request, context)
            if route.changes, pages.contains(route.path) { context.address = request.uri.path }
            try route.limiter?.admit(NetworkPrefix.text(context.remoteAddress))
            if let answer = try await admit(&request, context, to: route) { return answer }
            if let redirect = Self.notice(request, context, before: route) { return redirect }
            if route.changes && route.access.scope == nil {
                try await checkForgery(&request, &context, of: route)
            }
            return try await route.handler(request, context)
        }
    }

    /// - Returns: What somebody gets who has to log in first; nil for who may pass.
    private func admit(
        _ request: inout Request, _ context: WebContext, to route: Route
    ) async throws -> Response? {
        switch route.access.passes {
        case .everybody: return nil
        case .operators: try admitOperator(context)
        case .programs(let scope, let isOpenLocally):
            try admitToken(context, scope: scope, isNeeded: !(isOpenLocally && self.isOpenLocally))
        case .people(let roles):
            guard let principal = context.principal, principal.session != nil else {
                return try await askedToLogIn(&request, context, of: route)
            }
            guard roles.contains(principal.role) else { throw WebError(.notFound, "errors.nothingHere") }
        }
        return nil
    }

    /// Pages that people see before they have answered to the notice: what they may do without consent, with their own data and
    /// with their account.
    private static let open: Set<String> = [
        "/consent", "/account", "/account/export", "/account/totp", "/learn", "/learn/quality", "/doctors/ranking",
        "/offline", "/waiting", "/waiting/account", "/manifest.webmanifest", "/service-worker.js", "/assets/:name",
        "/login", "/register", "/healthz", "/readyz", "/metrics", "/places",
    ]

    /// Leads somebody who was never asked, or not since the notice in force, to the notice first.
    private static func notice(_ request: Request, _ context: WebContext, before route: Route) -> Response? {
        guard context.standing == .open, route.method == .get, !route.isForProgram, !open.contains(route.path),
            request.headers[.accept]?.contains("json") != true
        else { return nil }
        return Response.redirect(to: "/consent?next=\(OwnPath.encode(request.uri.string))", type: .normal)
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
        if NetworkPrefix.isHere(context.remoteAddress) { return }
        guard let principal = context.principal, principal.scopes?.contains(.read) == true else {
            throw WebError(.unauthorized, "errors.requests.operator")
        }
        guard principal.role == .administrator else { throw WebError(.forbidden, "errors.requests.administrator") }
    }

    private func askedToLogIn(
        _ request: inout Request, _ context: WebContext, of route: Route
    ) async throws -> Response {
        if request.headers[.accept]?.contains("application/json") == true || request.headers[.csrfToken] != nil {
            throw WebError(.unauthorized, "errors.requests.login")
        }
        guard route.changes else {
            return Response.redirect(to: "/login?next=\(OwnPath.encode(request.uri.string))", type: .normal)
        }
        let type = try HeaderParameters(parsing: request.headers[.contentType] ?? "").value
        // Files are too much to be kept, and whoever sent some is told.
        if type == "multipart/form-data" { return Response.redirect(to: "/login?notice=files", type: .normal) }
        guard type == "application/x-www-form-urlencoded" else {
            return Response.redirect(to: "/login", type: .normal)
        }
        let form = FormFields(parsing: try await Self.collect(&request))
        let page = page(of: form, sentTo: request.uri.path, route)
        guard let typed = TypedForm(form, action: request.uri.path, page: page), let kept = try keeper.sealed(typed)
        else { return Response.redirect(to: "/login", type: .normal) }
        return try logIn(context, page, kept)
    }

    /// The page that a form stands on: what the form says, else its own address where that is a page, else the one above.
    private func page(of form: FormFields, sentTo path: String, _ route: Route) -> String {
        if let page = form["page"] { return OwnPath.checked(page) }
        if pages.contains(route.path) {
            // A time that was chosen is part of the page's address.
            let slot = form["slot"].map { "?slot=\(OwnPath.encode("/" + $0).dropFirst())" } ?? ""
            return OwnPath.checked(path + slot)
        }
        let above = { (path: String) in String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
        return pages.contains(above(route.path)) ? OwnPath.checked(above(path)) : "/"
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
