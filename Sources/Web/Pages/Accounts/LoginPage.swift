import Clinic
import HTTPTypes
import Hummingbird
import Wording

/// The page that asks for address and password.
enum LoginPage {
    /// - Parameters:
    ///   - next: Where to go on.
    ///   - kept: A form that was sent after its session had ended, as `FormKeeper` sealed it.
    static func page(
        _ context: WebContext, next: String, kept: String?, email: String = "", error: ClinicError? = nil,
        notice: String? = nil, site: Site
    ) -> FormPage {
        let text = site.text
        let query = query(next)
        return FormPage(
            "login", site: site, context: context, action: "/login",
            fields: [.email(text, value: email, error: error), .password(text, error: error)],
            hidden: carried(next: next, kept: kept), error: error, notice: notice,
            links: [
                .init(
                    before: text("account.login.newHere"), address: "/register\(query)",
                    label: text("account.login.register")),
                .init(before: text("account.login.forgotten"), address: "/reset", label: text("account.login.reset")),
            ])
    }

    /// What the pages of the login carry along.
    static func carried(next: String, kept: String?) -> [NamedValue] {
        [NamedValue(name: "next", value: next)] + (kept.map { [NamedValue(name: "kept", value: $0)] } ?? [])
    }

    /// Where to go on, for a link; empty for the home page, where everybody goes.
    static func query(_ next: String) -> String { next == "/" ? "" : "?next=\(OwnPath.encode(next))" }

    /// The answer to a form whose session had ended.
    static func keeping(
        _ kept: String, next: String, _ context: WebContext, pages: PageRenderer, cookies: SiteCookies
    ) throws -> Response {
        let page = page(
            context, next: next, kept: kept, notice: pages.site.text("kept.login"), site: pages.site)
        var response = try pages.form(page, context: context, cookies: cookies, status: .unauthorized)
        // RFC 9110, 15.5.2.
        response.headers[.wwwAuthenticate] = "Bearer realm=\"leukoscope\""
        return response
    }
}
