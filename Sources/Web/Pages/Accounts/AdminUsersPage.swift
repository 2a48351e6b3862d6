import Clinic
import Foundation
import Wording

/// The list of accounts.
struct AdminUsersPage: Sendable {
    struct Row: Sendable {
        let address: String
        let name: String
        let email: String
        let role: String
        let isDisabled: Bool
        let since: PageTime
    }

    let admin: AdminPage
    let frame: PageFrame
    let search: String
    let role: String?
    let chips: [PageLink]
    let rows: [Row]
    let newer: String?
    let older: String?

    /// - Parameter users: One more than a page where there is a next one.
    init(_ users: [User], query: AdminUserQuery, site: Site, context: WebContext) {
        let text = site.text
        admin = AdminPage(.users, site: site, context: context)
        frame = admin.frame
        search = query.search
        role = query.role?.rawValue
        chips =
            [PageLink(name: text("admin.users.all"), address: query.address(role: nil), isOn: query.role == nil)]
            + Role.allCases.map {
                PageLink(
                    name: text("admin.roles.\($0.rawValue)"), address: query.address(role: $0),
                    isOn: query.role == $0)
            }
        rows = users.prefix(AdminUserQuery.pageSize).map { user in
            Row(
                address: "/admin/users/\(user.id)", name: user.name, email: user.email,
                role: text("admin.roles.\(user.role.rawValue)"), isDisabled: user.isDisabled,
                since: PageTime(user.createdAt))
        }
        newer = query.page > 0 ? query.address(page: query.page - 1, role: query.role) : nil
        older =
            users.count > AdminUserQuery.pageSize
            ? query.address(page: query.page + 1, role: query.role) : nil
    }
}
