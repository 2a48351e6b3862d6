import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Wording

/// Logging in and out, registering, and the first administrator.
struct EntranceRoutes: Sendable {
    let accounts: Accounts
    let pages: PageRenderer
    let cookies: SiteCookies
    /// Attempts of one address.
    let limiter: RateLimiter
    let throttle: LoginThrottle
    /// Keeps what was typed into a form whose session had ended.
    let keeper: FormKeeper

    private var site: Site { pages.site }
    private var text: TextCatalogue { pages.site.text }

    var routes: [Route] {
        [
            Route(.get, "/login", .anyone) { request, context in
                let next = Self.next(request)
                if context.principal != nil { return Response.redirect(to: next, type: .normal) }
                let notice = FormFields(query: request)["notice"].flatMap { Self.notices[$0] }
                return try form(loginPage(context, next: next, notice: notice.map { text($0) }), context)
            },
            Route(.post, "/login", .anyone, limiter: limiter, handler: logIn),
            Route(.post, "/login/code", .anyone, limiter: limiter, handler: logInWithCode),
            Route(.post, "/logout", .anyone, handler: logOut),
            Route(.get, "/register", .anyone) { request, context in
                let next = Self.next(request)
                if context.principal != nil { return Response.redirect(to: next, type: .normal) }
                return try form(registerPage(context, next: next), context)
            },
            Route(.post, "/register", .anyone, limiter: limiter, handler: register),
            Route(.get, "/setup/:token", .anyone, limiter: limiter) { _, context in
                guard try await accounts.isSetupOpen(Self.secret(context)) else { throw Self.usedLink }
                return try form(setupPage(context), context)
            },
            Route(.post, "/setup/:token", .anyone, limiter: limiter, handler: setUp),
        ]
    }

    /// What may be said above the form, by the query's `notice`.
    private static let notices = [
        "reset": "account.resetDone", "deleted": "account.deleted", "expired": "account.login.expired",
        "files": "kept.files",
    ]

    static let usedLink = WebError(.notFound, "errors.accounts.link")

    // MARK: Logging in and out

    private func logIn(_ request: Request, _ context: WebContext) async throws -> Response {
        let email = context.form.trimmed("email")
        let next = OwnPath.checked(context.form["next"])
        do { try await throttle.admit(email, from: context.remoteAddress) } catch let error as WebError {
            return try slowedDown(error, context, next: next, email: email)
        }
        let outcome = try await accounts.logIn(
            email: email, password: context.form["password"] ?? "", ending: cookies.session(in: request))
        switch outcome {
        case .opened(let opened):
            try await throttle.succeeded(email, from: context.remoteAddress)
            return try await resumed(opened, next: next, context)
        case .needsCode(let ticket):
            return try form(codePage(context, ticket: ticket, next: next), context)
        case .refused, .disabled:
            let error =
                outcome == .disabled
                ? ClinicError(.invalid, "errors.accounts.disabled") : ClinicError(.invalid, "errors.accounts.login")
            return try form(
                loginPage(context, next: next, email: email, error: error), context, status: .unprocessableContent)
        }
    }

    /// After too many wrong passwords: when one may try again, and the way out.
    private func slowedDown(
        _ error: WebError, _ context: WebContext, next: String, email: String
    ) throws -> Response {
        let seconds = error.retryAfterSeconds ?? 60
        let told = ClinicError(.quotaExceeded, "errors.accounts.slowedDown", ["count": seconds])
        let page = loginPage(context, next: next, email: email, error: told)
        var response = try form(page, context, status: .tooManyRequests)
        response.headers[.retryAfter] = String(seconds)
        return response
    }

    private func logInWithCode(_ request: Request, _ context: WebContext) async throws -> Response {
        let ticket = context.form["ticket"] ?? ""
        let next = OwnPath.checked(context.form["next"])
        guard let user = try await accounts.user(ofTicket: ticket) else {
            return Response.redirect(to: "/login?notice=expired", type: .normal)
        }
        try await throttle.admit(user.email, from: context.remoteAddress)
        do {
            let opened = try await accounts.logIn(
                ticket: ticket, code: context.form["code"] ?? "", ending: cookies.session(in: request))
            guard let opened else { return Response.redirect(to: "/login?notice=expired", type: .normal) }
            try await throttle.succeeded(user.email, from: context.remoteAddress)
            return try await resumed(opened, next: next, context)
        } catch let error as ClinicError where error.field == "code" {
            return try form(
                codePage(context, ticket: ticket, next: next, error: error), context, status: .unprocessableContent)
        }
    }

    private func logOut(_ request: Request, _ context: WebContext) async throws -> Response {
        if let principal = context.principal, let session = principal.session {
            try await accounts.logOut(.init(user: principal.user, session: session))
        }
        var response = Response.redirect(to: "/", type: .normal)
        cookies.close(in: &response)
        return response
    }

    /// As `entered`; a form that was kept over the login comes back if it is this account's. The page of somebody else's
    /// is not asked for.
    private func resumed(
        _ opened: Accounts.OpenedSession, next: String, _ context: WebContext
    ) async throws -> Response {
        guard let kept = context.form["kept"], !kept.isEmpty else { return entered(opened, next: next) }
        return entered(opened, next: try await keeper.handOn(kept, to: opened.user.id) ?? "/")
    }

    /// Gives the new session to the browser and goes on.
    private func entered(_ opened: Accounts.OpenedSession, next: String) -> Response {
        var response = Response.redirect(to: next, type: .normal)
        cookies.open(opened.secret, seconds: Int(opened.lifetime), in: &response)
        return response
    }

    // MARK: New accounts

    private func register(_ request: Request, _ context: WebContext) async throws -> Response {
        let next = OwnPath.checked(context.form["next"])
        do {
            let opened = try await accounts.register(registration(context.form))
            try await keepLanguage(of: opened.user, request, context)
            return entered(opened, next: next)
        } catch let error as ClinicError where error.code == .invalid || error.code == .duplicate {
            let told =
                error.code == .duplicate
                ? ClinicError(.duplicate, "errors.accounts.taken", field: "email") : error
            return try form(registerPage(context, next: next, error: told), context, status: .unprocessableContent)
        }
    }

    private func setUp(_ request: Request, _ context: WebContext) async throws -> Response {
        let secret = try Self.secret(context)
        guard try await accounts.isSetupOpen(secret) else { throw Self.usedLink }
        do {
            let opened = try await accounts.setUpAdministrator(secret, registration(context.form))
            try await keepLanguage(of: opened.user, request, context)
            return entered(opened, next: "/admin/start")
        } catch let error as ClinicError where error.field != nil {
            return try form(setupPage(context, error: error), context, status: .unprocessableContent)
        }
    }

    /// Whoever chose a language before they had an account keeps it with the account.
    private func keepLanguage(of user: User, _ request: Request, _ context: WebContext) async throws {
        guard cookies.language(in: request) == context.language else { return }
        try await accounts.setLanguage(context.language, of: user.id)
    }

    private func registration(_ form: FormFields) -> Accounts.Registration {
        Accounts.Registration(
            email: form.trimmed("email"), name: form.trimmed("name"), password: form["password"] ?? "",
            consent: form["consent"] == nil ? nil : ConsentWords(site).own)
    }

    /// The notice, with the box as it was sent.
    private func terms(_ context: WebContext, _ error: ClinicError?) -> FormPage.Terms {
        ConsentWords(site).terms(sent: context.form["consent"] != nil, error: text(error, at: "consent"))
    }

    // MARK: Pages

    private func form(_ page: FormPage, _ context: WebContext, status: HTTPResponse.Status = .ok) throws -> Response {
        try pages.form(page, context: context, cookies: cookies, status: status)
    }

    private func loginPage(
        _ context: WebContext, next: String, email: String = "", error: ClinicError? = nil, notice: String? = nil
    ) -> FormPage {
        LoginPage.page(
            context, next: next, kept: context.form["kept"], email: email, error: error, notice: notice, site: site)
    }

    private func codePage(
        _ context: WebContext, ticket: String, next: String, error: ClinicError? = nil
    ) -> FormPage {
        FormPage(
            "loginCode", site: site, context: context, action: "/login/code",
            fields: [FormField("code", text: text, autocomplete: "one-time-code", maximumLength: 40, error: error)],
            hidden: [.init(name: "ticket", value: ticket)] + LoginPage.carried(next: next, kept: context.form["kept"]),
            error: error,
            links: [
                .init(
                    before: text("account.loginCode.again"), address: "/login", label: text("account.loginCode.login"))
            ])
    }

    private func registerPage(_ context: WebContext, next: String, error: ClinicError? = nil) -> FormPage {
        FormPage(
            "register", site: site, context: context, action: "/register",
            fields: newAccountFields(context, error: error), terms: terms(context, error),
            hidden: [.init(name: "next", value: next)], error: error,
            links: [
                .init(
                    before: text("account.register.known"), address: "/login\(LoginPage.query(next))",
                    label: text("account.register.login"))
            ])
    }

    private func setupPage(_ context: WebContext, error: ClinicError? = nil) throws -> FormPage {
        FormPage(
            "setup", site: site, context: context, action: "/setup/\(try Self.secret(context).text)",
            fields: newAccountFields(context, error: error), terms: terms(context, error), error: error)
    }

    private func newAccountFields(_ context: WebContext, error: ClinicError?) -> [FormField] {
        [
            .personName(text, value: context.form.trimmed("name"), error: error),
            .email(text, value: context.form.trimmed("email"), error: error), .newPassword(text, error: error),
        ]
    }

    private static func next(_ request: Request) -> String {
        OwnPath.checked(FormFields(query: request)["next"])
    }

    static func secret(_ context: WebContext) throws -> SecretToken {
        guard let secret = SecretToken(try context.parameters.require("token")) else { throw usedLink }
        return secret
    }
}
