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
    let resetFields: [FormField]
    /// Nobody has a second factor turned off that is not on.
    let canRemoveFactor: Bool
    let factorFields: [FormField]
    /// A link that sets a password, which is shown once.
    let link: String?
    let audit: String
    let acts: String

    /// The forms of the page that ask for the reader's password.
    enum Part: Sendable { case role, state, reset, factor }

    /// - Parameters:
    ///   - overview: The account.
    ///   - isSelf: Whether it is the reader's own.
    ///   - error: What is wrong with what was sent.
    ///   - part: The form that it was sent with; that of the role is known by its field.
    ///   - link: A link that sets a password, where no letter took it.
    init(
        _ overview: UserAdministration.Overview, isSelf: Bool, notice: String?, error: ClinicError?,
        part: Part = .state, link: String? = nil, site: Site, context: WebContext
    ) {
        let text = site.text
        let user = overview.user
        let part = context.form["role"] != nil ? Part.role : part
        let wrong = { (form: Part) in form == part ? error : nil }
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
        roleFields = FormField.reauthentication(text, context, part: "role", error: wrong(.role))
        stateFields = FormField.reauthentication(text, context, part: "state", error: wrong(.state))
        resetFields = FormField.reauthentication(text, context, part: "reset", error: wrong(.reset))
        canRemoveFactor = user.totpSecret != nil && !isSelf
        factorFields = FormField.reauthentication(text, context, part: "factor", error: wrong(.factor))
        self.link = link
        tokenBoxes = overview.tokens == 0 ? [] : [.endTokens(text, part: "out")]
        audit = "/admin/audit?object=\(user.id)"
        acts = "/admin/audit?person=\(user.email.asQueryValue)"
    }
}
