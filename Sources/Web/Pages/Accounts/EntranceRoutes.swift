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
            Route(.get, "/register", .anyone) { _, context in
                if context.principal != nil { return Response.redirect(to: "/", type: .normal) }
                return try form(registerPage(context), context)
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
    ]

    static let usedLink = WebError(.notFound, "errors.accounts.link")

    // MARK: Logging in and out

    private func logIn(_ request: Request, _ context: WebContext) async throws -> Response {
        let email = context.form.trimmed("email")
        let next = OwnPath.checked(context.form["next"])
        try throttle.admit(email, from: context.remoteAddress)
        let outcome = try await accounts.logIn(
            email: email, password: context.form["password"] ?? "", ending: cookies.session(in: request))
        switch outcome {
        case .opened(let opened):
            throttle.succeeded(email, from: context.remoteAddress)
            return entered(opened, next: next)
        case .needsCode(let ticket):
            return try form(codePage(context, ticket: ticket, next: next), context)
        case .refused:
            let error = ClinicError(.invalid, "errors.accounts.login")
            return try form(
                loginPage(context, next: next, email: email, error: error), context, status: .unprocessableContent)
        }
    }

    private func logInWithCode(_ request: Request, _ context: WebContext) async throws -> Response {
        let ticket = context.form["ticket"] ?? ""
        let next = OwnPath.checked(context.form["next"])
        guard let user = try await accounts.user(ofTicket: ticket) else {
            return Response.redirect(to: "/login?notice=expired", type: .normal)
        }
        try throttle.admit(user.email, from: context.remoteAddress)
        do {
            let opened = try await accounts.logIn(
                ticket: ticket, code: context.form["code"] ?? "", ending: cookies.session(in: request))
            guard let opened else { return Response.redirect(to: "/login?notice=expired", type: .normal) }
            throttle.succeeded(user.email, from: context.remoteAddress)
            return entered(opened, next: next)
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

    /// Gives the new session to the browser and goes on.
    private func entered(_ opened: Accounts.OpenedSession, next: String) -> Response {
        var response = Response.redirect(to: next, type: .normal)
        cookies.open(opened.secret, seconds: Int(opened.lifetime), in: &response)
        return response
    }

    // MARK: New accounts

    private func register(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            let opened = try await accounts.register(Self.registration(context.form))
            try await keepLanguage(of: opened.user, request, context)
            return entered(opened, next: "/")
        } catch let error as ClinicError where error.code == .invalid || error.code == .duplicate {
            let told =
                error.code == .duplicate
                ? ClinicError(.duplicate, "errors.accounts.taken", field: "email") : error
            return try form(registerPage(context, error: told), context, status: .unprocessableContent)
        }
    }

    private func setUp(_ request: Request, _ context: WebContext) async throws -> Response {
        let secret = try Self.secret(context)
        guard try await accounts.isSetupOpen(secret) else { throw Self.usedLink }
        do {
            let opened = try await accounts.setUpAdministrator(secret, Self.registration(context.form))
            try await keepLanguage(of: opened.user, request, context)
            return entered(opened, next: "/account")
        } catch let error as ClinicError where error.field != nil {
            return try form(setupPage(context, error: error), context, status: .unprocessableContent)
        }
    }

    /// Whoever chose a language before they had an account keeps it with the account.
    private func keepLanguage(of user: User, _ request: Request, _ context: WebContext) async throws {
        guard cookies.language(in: request) == context.language else { return }
        try await accounts.setLanguage(context.language, of: user.id)
    }

    private static func registration(_ form: FormFields) -> Accounts.Registration {
        Accounts.Registration(
            email: form.trimmed("email"), name: form.trimmed("name"), password: form["password"] ?? "")
    }

    // MARK: Pages

    private func form(_ page: FormPage, _ context: WebContext, status: HTTPResponse.Status = .ok) throws -> Response {
        try pages.form(page, context: context, cookies: cookies, status: status)
    }

    private func loginPage(
        _ context: WebContext, next: String, email: String = "", error: ClinicError? = nil, notice: String? = nil
    ) -> FormPage {
        FormPage(
            "login", site: site, context: context, action: "/login",
            fields: [.email(text, value: email, error: error), .password(text, error: error)],
            hidden: [.init(name: "next", value: next)], error: error, notice: notice,
            links: [
                .init(
                    before: text("account.login.newHere"), address: "/register", label: text("account.login.register")),
                .init(before: text("account.login.forgotten"), address: "/reset", label: text("account.login.reset")),
            ])
    }

    private func codePage(
        _ context: WebContext, ticket: String, next: String, error: ClinicError? = nil
    ) -> FormPage {
        FormPage(
            "loginCode", site: site, context: context, action: "/login/code",
            fields: [FormField("code", text: text, autocomplete: "one-time-code", maximumLength: 40, error: error)],
            hidden: [.init(name: "ticket", value: ticket), .init(name: "next", value: next)], error: error,
            links: [
                .init(
                    before: text("account.loginCode.again"), address: "/login", label: text("account.loginCode.login"))
            ])
    }

    private func registerPage(_ context: WebContext, error: ClinicError? = nil) -> FormPage {
        FormPage(
            "register", site: site, context: context, action: "/register",
            fields: newAccountFields(context, error: error), error: error,
            links: [
                .init(before: text("account.register.known"), address: "/login", label: text("account.register.login"))
            ])
    }

    private func setupPage(_ context: WebContext, error: ClinicError? = nil) throws -> FormPage {
        FormPage(
            "setup", site: site, context: context, action: "/setup/\(try Self.secret(context).text)",
            fields: newAccountFields(context, error: error), error: error)
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
