import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Wording

/// The pages of somebody's own account.
struct AccountRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let cookies: SiteCookies
    /// Attempts of one address at what asks for the password.
    let limiter: RateLimiter
    let letters: AppointmentLetters
    let logger: Logger

    private var accounts: Accounts { services.accounts }
    private var site: Site { pages.site }
    private var text: TextCatalogue { pages.site.text }

    var routes: [Route] {
        [
            Route(.get, "/account", .user) { request, context in
                let notice = FormFields(query: request)["notice"].flatMap { Self.notices[$0] }
                return try await page(context, notice: notice.map { text($0) })
            },
            Route(.post, "/account/profile", .user, handler: updateProfile),
            Route(.post, "/account/email", .user, limiter: limiter, handler: changeEmail),
            Route(.post, "/account/password", .user, limiter: limiter, handler: changePassword),
            Route(.post, "/account/sign-out-everywhere", .user, handler: signOutEverywhere),
            Route(.get, "/account/totp", .user) { _, context in try factorStart(context) },
            Route(.post, "/account/totp/offer", .user, limiter: limiter, handler: offerFactor),
            Route(.post, "/account/totp", .user, limiter: limiter, handler: enableFactor),
            Route(.post, "/account/totp/off", .user, limiter: limiter, handler: disableFactor),
            Route(.post, "/account/tokens", .user, limiter: limiter, handler: makeToken),
            Route(.post, "/account/tokens/:id/revoke", .user, handler: revokeToken),
            Route(.get, "/account/export", .user, limiter: limiter, handler: export),
            Route(.post, "/account/delete", .user, limiter: limiter, handler: delete),
        ]
    }

    private static let notices = [
        "saved": "account.settings.saved", "password": "account.settings.passwordSaved",
        "factor": "account.settings.factorStopped", "revoked": "account.settings.tokenRevoked",
        "email": "account.settings.emailSaved", "withdrawn": "consent.withdrawn",
    ]

    private static func done(_ notice: String) -> Response {
        Response.redirect(to: "/account?notice=\(notice)", type: .normal)
    }

    // MARK: What is changed

    private func updateProfile(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("profile", context) {
            let form = context.form
            let user = try context.requiredPrincipal.userID
            let reader = PlaceReader(
                places: services.places, text: text,
                regions: PreferredLanguages.regions(request.headers[.acceptLanguage]))
            let outcome = try await reader.read(form)
            if case .choose = outcome { return try await page(context, part: "profile", place: outcome) }
            let place: UserPlace? = if case .chosen(let chosen) = outcome { chosen.userPlace } else { nil }
            try await accounts.updateProfile(of: user, name: form.trimmed("name"), place: place)
            return Self.done("saved")
        }
    }

    private func changeEmail(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("email", context) {
            // Looked at first, so that no code is used up for what cannot be.
            let email = try AccountRules.email(context.form.trimmed("email"))
            let session = try context.requiredSession.session
            try await accounts.changeEmail(for: try await services.confirm(context), to: email, keeping: session)
            return Self.done("email")
        }
    }

    private func changePassword(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("password", context) {
            let (user, new) = (try context.requiredPrincipal.user, context.form["new"] ?? "")
            try PasswordRules.check(new, email: user.email, name: user.name, not: accounts.leaked, field: "new")
            let opened = try await accounts.changePassword(
                for: try await services.confirm(context), to: new, endingTokens: FormBox.isTicked(context.form))
            var response = Self.done("password")
            cookies.open(opened.secret, seconds: Int(opened.lifetime), in: &response)
            return response
        }
    }

    private func signOutEverywhere(_ request: Request, _ context: WebContext) async throws -> Response {
        let ended = try await accounts.logOutEverywhere(
            try context.requiredPrincipal.userID, endingTokens: FormBox.isTicked(context.form))
        let browsers = text.counted("account.signedOut", ended.sessions)
        let tokens = ended.tokens == 0 ? "" : " " + text("account.signedOut.tokens", ["count": String(ended.tokens)])
        var visitor = context
        visitor.principal = nil
        visitor.browser = nil
        let page = FormPage(
            "login", site: site, context: visitor, action: nil, notice: browsers + tokens,
            links: [.init(before: "", address: "/login", label: text("account.register.login"))])
        var response = try pages.response(page, template: "form")
        cookies.close(in: &response)
        return response
    }

    // MARK: Second factor

    /// The page that asks who somebody is, before there is a key.
    private func factorStart(_ context: WebContext, error: ClinicError? = nil) throws -> Response {
        let page = FormPage(
            "factorStart", site: site, context: context, action: "/account/totp/offer",
            fields: FormField.reauthentication(text, context, part: "factor", error: error), error: error,
            links: [.init(before: "", address: "/account", label: text("account.factor.back"))])
        return try pages.response(page, template: "form", status: error == nil ? .ok : .unprocessableContent)
    }

    private func offerFactor(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            let session = try context.requiredSession
            let offer = try await accounts.offerFactor(to: try await services.confirm(context), in: session.session)
            return try factor(try FactorPage(offer, user: session.user, site: site, context: context))
        } catch let error as ClinicError where error.field != nil {
            return try factorStart(context, error: error)
        }
    }

    private func enableFactor(_ request: Request, _ context: WebContext) async throws -> Response {
        let session = try context.requiredSession
        guard let offer = accounts.offeredFactor(context.form["offer"] ?? "", to: session) else {
            return try factorStart(context, error: ClinicError(.invalid, "errors.accounts.factorExpired"))
        }
        do {
            let codes = try await accounts.enableFactor(offer, code: context.form["code"] ?? "", for: session)
            return try factor(FactorPage(codes: codes, site: site, context: context))
        } catch let error as ClinicError where error.field == "code" {
            return try factor(
                try FactorPage(offer, user: session.user, site: site, context: context, error: error),
                status: .unprocessableContent)
        } catch let error as ClinicError where error.code == .invalid {
            return try factorStart(context, error: error)
        }
    }

    private func disableFactor(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("factor", context) {
            try await accounts.disableFactor(for: try await services.confirm(context))
            return Self.done("factor")
        }
    }

    private func factor(_ page: FactorPage, status: HTTPResponse.Status = .ok) throws -> Response {
        try pages.response(page, template: "factor", status: status)
    }

    // MARK: Tokens

    private func makeToken(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("tokens", context) {
            let scopes = Set(context.form.all("scope").compactMap { APIToken.Scope(rawValue: $0) })
            let terms = try APIToken.Terms(
                label: context.form.trimmed("label"), scopes: scopes, typedDays: context.form.trimmed("days"),
                site: try Self.site(context.form.trimmed("site")))
            let secret = try await accounts.makeAPIToken(terms, for: try await services.confirm(context))
            return try await page(context, newToken: secret)
        }
    }

    /// The microscope that a token is to be bound to.
    private static func site(_ typed: String) throws -> SiteID? {
        guard !typed.isEmpty else { return nil }
        guard let site = SiteID(typed) else { throw ClinicError(.notFound, "errors.sites.none", field: "site") }
        return site
    }

    private func revokeToken(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let id = APITokenID(try context.parameters.require("id")) else {
            throw ClinicError(.notFound, "errors.accounts.noToken")
        }
        let principal = try context.requiredPrincipal
        try await accounts.revokeAPIToken(id, of: principal.userID, by: principal.actor)
        return Self.done("revoked")
    }

    // MARK: Everything, and nothing

    private func export(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let export = AccountExport(
            records: services.records(of: principal.user), archive: services.archive, text: pages.site.text)
        try await accounts.noteExport(of: principal.userID)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/zip", .contentDisposition: "attachment; filename=\"leukoscope-export.zip\"",
                .cacheControl: "no-store",
            ],
            body: ResponseBody { writer in
                try await export.write { try await writer.write(ByteBuffer(bytes: $0)) }
                try await writer.finish(nil)
            })
    }

    private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answering("delete", context) {
            let deletion = try await accounts.delete(for: try await services.confirm(context))
            for key in deletion.archiveKeys {
                do { try await services.archive.remove(key) } catch {
                    // The rows are gone, which is what counts; the sweep after the next start removes the file.
                    logger.error("file of a deleted account not removed", metadata: ["reason": "\(error)"])
                }
            }
            letters.tell(deletion.released)
            var response = Response.redirect(to: "/login?notice=deleted", type: .normal)
            cookies.close(in: &response)
            return response
        }
    }

    // MARK: The page

    /// Runs a change; a value that breaks a rule is told at its field.
    private func answering(
        _ part: String, _ context: WebContext, _ change: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await change()
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, part: part, error: error)
        }
    }

    private func page(
        _ context: WebContext, part: String = "", error: ClinicError? = nil, notice: String? = nil,
        newToken: SecretToken? = nil, place: PlaceReader.Outcome? = nil
    ) async throws -> Response {
        let id = try context.requiredPrincipal.userID
        let (user, sessions, tokens) = try await accounts.own(id)
        let model = AccountPage(
            user: user,
            facts: .init(
                sessions: sessions, tokens: tokens, place: place,
                sites: user.role.isStaff ? try await services.sites.list().map(\.site) : [],
                consents: try await services.consents.history(of: id), now: services.clock()),
            site: site, context: context,
            part: part, error: error, notice: notice, newToken: newToken)
        let isWrong = error != nil || place != nil
        return try pages.response(model, template: "account", status: isWrong ? .unprocessableContent : .ok)
    }
}
