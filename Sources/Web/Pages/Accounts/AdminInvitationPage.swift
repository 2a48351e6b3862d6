import Clinic
import Wording

/// The form by which an administrator makes an account for somebody.
struct AdminInvitationPage: Sendable {
    let admin: AdminPage
    let frame: PageFrame
    let fields: [FormField]
    let roles: [FormOption]
    let confirmFields: [FormField]

    init(error: ClinicError?, site: Site, context: WebContext) {
        let text = site.text
        let isAtField = ["name", "email", "password", "code"].contains(error?.field)
        admin = AdminPage(
            .users, title: text("admin.users.new"), site: site, context: context,
            alert: isAtField ? nil : error.map { text($0) })
        frame = admin.frame
        fields = [
            FormField("name", text: text, value: context.form.trimmed("name"), error: error),
            FormField(
                "email", text: text, type: "email", value: context.form.trimmed("email"), maximumLength: 254,
                inputMode: "email", error: error),
        ]
        let chosen = context.form["role"] ?? Role.clinician.rawValue
        roles = Role.allCases.map {
            FormOption(value: $0.rawValue, name: text("admin.roles.\($0.rawValue)"), isChosen: $0.rawValue == chosen)
        }
        confirmFields = FormField.reauthentication(text, context, part: "invite", error: error)
    }
}
