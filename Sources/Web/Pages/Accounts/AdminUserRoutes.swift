import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Accounts, for administrators.
struct AdminUserRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let limiter: RateLimiter

    private var administration: UserAdministration { UserAdministration(accounts: services.accounts) }

    var routes: [Route] {
        [
            Route(.get, "/admin/users", .administrator, handler: list),
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
        _ context: WebContext, notice: String? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let asker = try context.requiredPrincipal.userID
        let overview = try await administration.overview(of: context.identifier(), by: asker)
        let page = AdminUserPage(
            overview, isSelf: asker == overview.user.id, notice: notice, error: error, site: pages.site,
            context: context)
        return try pages.response(
            page, template: "admin-user", status: error == nil ? .ok : .unprocessableContent)
    }

    private func change(
        _ context: WebContext, _ notice: String, _ change: (UserID) async throws -> Void
    ) async throws -> Response {
        let id: UserID = try context.identifier()
        do {
            try await change(id)
        } catch let error as ClinicError where error.field != nil {
            // Of an account that is not there nothing is said but that, whatever was typed.
            return try await page(context, error: error)
        }
        return Response.redirect(to: "/admin/users/\(id)?notice=\(notice)", type: .normal)
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
        if !search.isEmpty { parts.append("search=\(AdminAddress.encode(search))") }
        if let role { parts.append("role=\(role.rawValue)") }
        if page > 0 { parts.append("page=\(page)") }
        return AdminAddress.join("/admin/users", parts)
    }
}

/// Writes addresses with a query.
enum AdminAddress {
    /// A value as it stands in a query (RFC 3986, 2.3).
    static func encode(_ value: String) -> String {
        let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return value.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    static func join(_ path: String, _ parts: [String]) -> String {
        parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
    }
}
