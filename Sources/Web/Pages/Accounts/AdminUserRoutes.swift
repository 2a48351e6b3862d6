import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Wording

/// Accounts, for administrators.
struct AdminUserRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let limiter: RateLimiter
    let letters: AccountLetters
    let logger: Logger

    private var administration: UserAdministration { UserAdministration(accounts: services.accounts) }

    var routes: [Route] {
        [
            Route(.get, "/admin/users", .administrator, handler: list),
            Route(.get, "/admin/users/new", .administrator) { _, context in try invitation(context) },
            Route(.post, "/admin/users/new", .administrator, limiter: limiter, handler: invite),
            Route(.get, "/admin/users/:id", .administrator) { request, context in
                try await page(context, notice: Route.notice(request, pages.site.text))
            },
            Route(.post, "/admin/users/:id/role", .administrator, limiter: limiter) { _, context in
                try await change(context, "role") { id in
                    guard let role = Role(rawValue: context.form.trimmed("role")) else {
                        throw ClinicError(.invalid, "errors.accounts.role", field: "role")
                    }
                    try await administration.setRole(role, of: id, by: try await services.confirm(context))
                }
            },
            Route(.post, "/admin/users/:id/disable", .administrator, limiter: limiter) { _, context in
                try await change(context, "disabled") {
                    try await administration.disable($0, by: try await services.confirm(context))
                }
            },
            Route(.post, "/admin/users/:id/enable", .administrator, limiter: limiter) { _, context in
                try await change(context, "enabled") {
                    try await administration.enable($0, by: try await services.confirm(context))
                }
            },
            Route(.post, "/admin/users/:id/reset", .administrator, limiter: limiter, handler: reset),
            Route(.post, "/admin/users/:id/factor-off", .administrator, limiter: limiter) { _, context in
                try await change(context, "factorOff", part: .factor) { id in
                    let user = try await administration.removeFactor(of: id, by: try await services.confirm(context))
                    _ = await sent(.factorOff, to: user)
                }
            },
            Route(.post, "/admin/users/:id/sign-out", .administrator) { _, context in
                let id: UserID = try context.identifier()
                _ = try await administration.signOut(
                    id, by: context.requiredPrincipal.userID, endingTokens: FormBox.isTicked(context.form))
                return Response.redirect(to: "/admin/users/\(id)?notice=signedOut", type: .normal)
            },
        ]
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = AdminUserQuery(FormFields(query: request))
        let users = try await administration.users(
            search: query.search, role: query.role, limit: AdminUserQuery.pageSize + 1, offset: query.offset)
        return try pages.response(
            AdminUsersPage(users, query: query, site: pages.site, context: context), template: "admin-users")
    }

    private func page(
        _ context: WebContext, notice: String? = nil, error: ClinicError? = nil, part: AdminUserPage.Part = .state,
        link: String? = nil
    ) async throws -> Response {
        let asker = try context.requiredPrincipal.userID
        let overview = try await administration.overview(of: context.identifier(), by: asker)
        let page = AdminUserPage(
            overview, isSelf: asker == overview.user.id, notice: notice, error: error, part: part, link: link,
            site: pages.site, context: context)
        return try pages.response(
            page, template: "admin-user", status: error == nil ? .ok : .unprocessableContent)
    }

    private func change(
        _ context: WebContext, _ notice: String, part: AdminUserPage.Part = .state,
        _ change: (UserID) async throws -> Void
    ) async throws -> Response {
        let id: UserID = try context.identifier()
        do {
            try await change(id)
        } catch let error as ClinicError where error.field != nil {
            // Of an account that is not there nothing is said but that, whatever was typed.
            return try await page(context, error: error, part: part)
        }
        return Response.redirect(to: "/admin/users/\(id)?notice=\(notice)", type: .normal)
    }

    // MARK: Links that set a password

    private func invitation(_ context: WebContext, error: ClinicError? = nil) throws -> Response {
        try pages.response(
            AdminInvitationPage(error: error, site: pages.site, context: context), template: "admin-user-new",
            status: error == nil ? .ok : .unprocessableContent)
    }

    private func invite(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            guard let role = Role(rawValue: context.form.trimmed("role")) else {
                throw ClinicError(.invalid, "errors.accounts.role", field: "role")
            }
            let (user, secret) = try await administration.invite(
                .init(email: context.form.trimmed("email"), name: context.form.trimmed("name"), role: role),
                by: try await services.confirm(context))
            return try await handOver(secret, .invitation, to: user, request, context)
        } catch let error as ClinicError where error.field != nil {
            return try invitation(context, error: error)
        }
    }

    private func reset(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            let (user, secret) = try await administration.offerReset(
                of: context.identifier(), by: try await services.confirm(context))
            return try await handOver(secret, .reset, to: user, request, context)
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, error: error, part: .reset)
        }
    }

    /// Sends the link by letter. Where none goes out, the link is shown, once, to be handed over in another way.
    private func handOver(
        _ secret: SecretToken, _ kind: AccountLetters.Kind, to user: User, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let link = letters.link(secret, asked: request.head.authority)
        if await sent(kind, to: user, link: link) {
            return Response.redirect(to: "/admin/users/\(user.id)?notice=\(kind.rawValue)", type: .normal)
        }
        let overview = try await administration.overview(of: user.id, by: context.requiredPrincipal.userID)
        let page = AdminUserPage(
            overview, isSelf: try context.requiredPrincipal.userID == user.id, notice: nil, error: nil, link: link,
            site: pages.site, context: context)
        return try pages.response(page, template: "admin-user")
    }

    /// Whether a letter went out.
    private func sent(_ kind: AccountLetters.Kind, to user: User, link: String = "") async -> Bool {
        do { return try await letters.send(kind, to: user, link: link) } catch {
            logger.error("letter on an account not sent", metadata: ["kind": "\(kind.rawValue)", "reason": "\(error)"])
            return false
        }
    }
}

/// Which accounts to list.
struct AdminUserQuery: Sendable {
    static let pageSize = 50

    let search: String
    let role: Role?
    /// From 0.
    let page: Int

    var offset: Int { page * Self.pageSize }

    init(_ fields: FormFields) {
        search = String(fields.trimmed("search").prefix(100))
        role = fields["role"].flatMap(Role.init(rawValue:))
        page = min(100_000, max(0, fields["page"].flatMap { Int($0) } ?? 0))
    }

    /// The address of another page of the same list.
    func address(page: Int = 0, role: Role?) -> String {
        var parts: [String] = []
        if !search.isEmpty { parts.append("search=\(search.asQueryValue)") }
        if let role { parts.append("role=\(role.rawValue)") }
        if page > 0 { parts.append("page=\(page)") }
        return AdminAddress.join("/admin/users", parts)
    }
}

/// Writes addresses with a query.
enum AdminAddress {
    static func join(_ path: String, _ parts: [String]) -> String {
        parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
    }
}
