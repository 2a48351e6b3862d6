import Clinic
import HTTPTypes
import Hummingbird
import Logging
import Mail
import Wording

/// Choosing a new password by a link.
struct ResetRoutes: Sendable {
    let accounts: Accounts
    let mail: (any MailSender)?
    /// Where people reach the site, without a slash at the end.
    let address: String
    let pages: PageRenderer
    let texts: TextLibrary
    let cookies: SiteCookies
    let limiter: RateLimiter
    let throttle: LoginThrottle
    let logger: Logger

    private var text: TextCatalogue { pages.site.text }

    var routes: [Route] {
        [
            Route(.get, "/reset", .anyone) { _, context in
                let kind = mail == nil ? "resetByOperator" : "reset"
                return try form(page(kind, context, action: mail == nil ? nil : "/reset"), context)
            },
            Route(.post, "/reset", .anyone, limiter: limiter) { _, context in
                let email = context.form.trimmed("email")
                try await throttle.admit(email, from: context.remoteAddress)
                // Whether there is such an account is found out after the answer, which is the same either way.
                if let mail { Task { await sendLink(to: email, through: mail) } }
                return try form(page(mail == nil ? "resetByOperator" : "resetSent", context, action: nil), context)
            },
            Route(.get, "/reset/:token", .anyone, limiter: limiter) { _, context in
                let secret = try EntranceRoutes.secret(context)
                guard try await accounts.isResetOpen(secret) else { throw EntranceRoutes.usedLink }
                return try form(newPasswordPage(context, secret), context)
            },
            Route(.post, "/reset/:token", .anyone, limiter: limiter) { _, context in
                let secret = try EntranceRoutes.secret(context)
                do {
                    try await accounts.resetPassword(
                        secret, new: context.form["password"] ?? "", endingTokens: FormBox.isTicked(context.form))
                } catch let error as ClinicError where error.field == "password" {
                    return try form(
                        newPasswordPage(context, secret, error: error), context, status: .unprocessableContent)
                }
                var response = Response.redirect(to: "/login?notice=reset", type: .normal)
                cookies.close(in: &response)
                return response
            },
        ]
    }

    private func sendLink(to email: String, through mail: any MailSender) async {
        do {
            guard let (user, secret) = try await accounts.offerReset(email: email, by: .anonymous) else { return }
            let text = texts[user.language] ?? text
            let link = "\(address)/reset/\(secret.text)"
            try await mail.send(
                MailMessage(
                    to: user.email, subject: text("account.letter.subject"),
                    body: text("account.letter.body", ["link": link])))
        } catch {
            logger.error("reset letter not sent", metadata: ["reason": "\(error)"])
        }
    }

    private func form(_ page: FormPage, _ context: WebContext, status: HTTPResponse.Status = .ok) throws -> Response {
        try pages.form(page, context: context, cookies: cookies, status: status)
    }

    private func page(_ kind: String, _ context: WebContext, action: String?) -> FormPage {
        FormPage(
            kind, site: pages.site, context: context, action: action,
            fields: [.email(text, value: "", error: nil)],
            links: [
                .init(before: text("account.reset.back"), address: "/login", label: text("account.reset.login"))
            ])
    }

    private func newPasswordPage(
        _ context: WebContext, _ secret: SecretToken, error: ClinicError? = nil
    ) -> FormPage {
        FormPage(
            "resetToken", site: pages.site, context: context, action: "/reset/\(secret.text)",
            fields: [.newPassword(text, error: error)],
            boxes: [.endTokens(text, part: "reset", sent: error == nil ? nil : context.form)], error: error)
    }
}
