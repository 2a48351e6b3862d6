import Clinic
import HTTPTypes
import Hummingbird
import Wording

/// What the menu of languages sends.
struct LanguageRoutes: Sendable {
    let accounts: Accounts
    let texts: TextLibrary
    let cookies: SiteCookies

    var routes: [Route] {
        [
            // Of somebody who is not logged in nothing but a cookie of their browser changes.
            Route(.post, "/language", .anyone, check: .formOfUser) { _, context in
                guard let chosen = texts[context.form["language"]] else {
                    let known = texts.all.map(\.language).joined(separator: ", ")
                    throw WebError(.malformedRequest, "errors.requests.language", ["languages": known])
                }
                if let principal = context.principal {
                    try await accounts.setLanguage(chosen.language, of: principal.userID)
                }
                var response = Response.redirect(to: OwnPath.checked(context.form["next"]), type: .normal)
                cookies.keepLanguage(chosen.language, in: &response)
                return response
            }
        ]
    }
}
