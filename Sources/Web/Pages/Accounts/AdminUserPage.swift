import Clinic
import Foundation
import Wording

/// One account, and what an administrator may change of it.
struct AdminUserPage: Sendable {
    let admin: AdminPage
    let frame: PageFrame
    let id: String
    let name: String
    let facts: [NamedValue]
    let doctor: String?
    let isDisabled: Bool
    /// Why role and state cannot be changed; nil where they can.
    let fixed: String?
    let canChange: Bool
    let canDisable: Bool
    let roles: [FormOption]
    let roleFields: [FormField]
    let stateFields: [FormField]
    let tokenBoxes: [FormBox]
    let audit: String
    let acts: String

    /// - Parameters:
    ///   - overview: The account.
    ///   - isSelf: Whether it is the reader's own.
    ///   - error: What is wrong with what was sent.
    init(
        _ overview: UserAdministration.Overview, isSelf: Bool, notice: String?, error: ClinicError?, site: Site,
        context: WebContext
    ) {
        let text = site.text
        let user = overview.user
        let isRole = context.form["role"] != nil
        admin = AdminPage(
            .users, title: user.name, site: site, context: context, notice: notice,
            alert: error.map { text($0) })
        frame = admin.frame
        id = user.id.text
        name = user.name
        isDisabled = user.isDisabled
        facts = [
            ("email", user.email), ("role", text("admin.roles.\(user.role.rawValue)")),
            ("state", text(user.isDisabled ? "admin.users.disabled" : "admin.users.enabled")),
            ("since", PageTime(user.createdAt).day), ("sessions", String(overview.sessions)),
            ("tokens", String(overview.tokens)), ("cases", String(overview.cases)),
            ("factor", text(user.totpSecret == nil ? "admin.users.off" : "admin.users.on")),
        ].map { NamedValue(name: text("admin.users.\($0.0)"), value: $0.1) }
        doctor = overview.doctor.map { "/admin/doctors/\($0.id)" }
        let reason: String? =
            overview.isLastAdministrator
            ? "last" : isSelf && user.role == .administrator ? "own" : nil
        fixed = reason.map { text("admin.users.fixed.\($0)") }
        canChange = reason == nil
        canDisable = reason == nil && !user.isDisabled
        let chosen = context.form["role"] ?? user.role.rawValue
        roles = Role.allCases.map {
            FormOption(value: $0.rawValue, name: text("admin.roles.\($0.rawValue)"), isChosen: $0.rawValue == chosen)
        }
        roleFields = FormField.reauthentication(text, context, part: "role", error: isRole ? error : nil)
        stateFields = FormField.reauthentication(text, context, part: "state", error: isRole ? nil : error)
        tokenBoxes = overview.tokens == 0 ? [] : [.endTokens(text, part: "out")]
        audit = "/admin/audit?object=\(user.id)"
        acts = "/admin/audit?person=\(AdminAddress.encode(user.email))"
    }
}
