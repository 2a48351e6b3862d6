import Clinic
import Foundation
import Wording

/// Everything that somebody can see and change of the own account.
struct AccountPage: Sendable {
    /// An API token in the list.
    struct Token: Sendable {
        let id: String
        let label: String
        let scopes: String
        let used: String
        let end: String
        let revoke: String
    }

    /// What the page is told beside the account itself.
    struct Facts: Sendable {
        var sessions = 1
        var tokens: [APIToken] = []
        /// Towns to choose from, after the profile was sent.
        var place: PlaceReader.Outcome?
        /// Microscopes that a token may be bound to; none for a patient.
        var sites: [SmearSite] = []
        /// What was answered to which notice, the oldest first.
        var consents: [Consent] = []
        var now: Date
    }

    let frame: PageFrame
    let name: String
    let email: String
    let role: String
    let since: String
    let notice: String?
    let newToken: String?
    let profileFields: [FormField]
    let place: PlaceField
    let emailFields: [FormField]
    let passwordFields: [FormField]
    let hasFactor: Bool
    let factorFields: [FormField]
    let sessions: String
    let tokens: [Token]
    /// What is said of tokens that end soon.
    let tokensEnding: [String]
    /// Whether the form for a new token stands open.
    let isTokenOpen: Bool
    /// With a new password, and with logging out everywhere; none without a token that opens something.
    let passwordBoxes: [FormBox]
    let sessionBoxes: [FormBox]
    let tokenFields: [FormField]
    let scopes: [FormOption]
    /// Microscopes to bind a new token to; none for a patient.
    let tokenSites: [FormOption]
    let deleteFields: [FormField]
    /// Every answer to the notice, the newest first.
    let consents: [String]
    let hasConsent: Bool
    let scopeWrong: String?

    /// - Parameters:
    ///   - part: The form that `error` belongs to: `profile`, `email`, `password`, `factor`, `tokens` or
    ///     `delete`.
    ///   - error: What is wrong with it.
    ///   - notice: What has just happened.
    ///   - newToken: A token that was just made.
    init(
        user: User, facts: Facts, site: Site, context: WebContext, part: String = "", error: ClinicError? = nil,
        notice: String? = nil, newToken: SecretToken? = nil
    ) {
        let text = site.text
        frame = PageFrame(site: site, title: text("account.settings.title"), place: .account, context: context)
        (name, email) = (user.name, user.email)
        role = text("account.settings.roles.\(user.role.rawValue)")
        since = text("account.settings.since", ["date": Self.day(user.createdAt)])
        self.notice = notice
        self.newToken = newToken?.text
        let typed = part == "profile" ? context.form : nil
        let profileError = part == "profile" ? error : nil
        profileFields = [.personName(text, value: typed?.trimmed("name") ?? user.name, error: profileError)]
        place = Self.place(of: user, typed: typed, outcome: facts.place, error: profileError, text)
        func reauthentication(_ form: String) -> [FormField] {
            FormField.reauthentication(text, context, part: form, error: part == form ? error : nil)
        }
        let emailError = part == "email" ? error : nil
        emailFields =
            [.newEmail(text, value: emailError == nil ? "" : context.form.trimmed("email"), error: emailError)]
            + reauthentication("email")
        passwordFields =
            reauthentication("password") + [
                .newPassword(text, name: "new", error: part == "password" ? error : nil)
            ]
        hasFactor = user.totpSecret != nil
        factorFields = reauthentication("factor")
        sessions = text.counted("account.settings.sessionCount", max(1, facts.sessions))
        let siteNames = Dictionary(facts.sites.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 })
        tokens = facts.tokens.filter { $0.revokedAt == nil }.map { Self.token($0, facts.now, siteNames, text) }
        tokensEnding = facts.tokens.filter { $0.endsSoon(at: facts.now) }.map {
            text("account.settings.tokenEndsSoon", ["label": $0.label, "date": Self.day($0.expiresAt)])
        }
        let hasTokens = facts.tokens.contains { $0.isValid(at: facts.now) }
        passwordBoxes =
            hasTokens ? [.endTokens(text, part: "password", sent: part == "password" ? context.form : nil)] : []
        sessionBoxes = hasTokens ? [.endTokens(text, part: "sessions")] : []
        let tokenError = part == "tokens" ? error : nil
        isTokenOpen = tokenError != nil
        let typedToken = tokenError == nil ? nil : context.form
        tokenFields =
            [
                FormField("label", text: text, value: typedToken?.trimmed("label") ?? "", error: tokenError),
                FormField(
                    "days", text: text, value: typedToken?.trimmed("days") ?? String(APIToken.defaultDays),
                    maximumLength: 3, inputMode: "numeric", error: tokenError),
            ] + reauthentication("tokens")
        scopeWrong = text(tokenError, at: "scope")
        scopes = APIToken.Scope.allCases.map {
            FormOption(
                value: $0.rawValue, name: text("account.settings.scopes.\($0.rawValue)"),
                isChosen: typedToken?.all("scope").contains($0.rawValue) ?? ($0 == .predict))
        }
        tokenSites =
            facts.sites.isEmpty
            ? []
            : [FormOption(value: "", name: text("sites.choose.unbound"), isChosen: true)]
                + facts.sites.map { FormOption(value: $0.id.text, name: $0.name, isChosen: false) }
        deleteFields = reauthentication("delete")
        consents = facts.consents.filter { $0.dependentID == nil }.reversed().map {
            ConsentPage.words(of: $0, text)
        }
        hasConsent = !frame.needsConsent
    }

    private static func place(
        of user: User, typed: FormFields?, outcome: PlaceReader.Outcome?, error: ClinicError?, _ text: TextCatalogue
    ) -> PlaceField {
        if let outcome { return PlaceField(text, outcome: outcome, typed: typed?.trimmed("place") ?? "") }
        if let typed { return PlaceField(text, typed: typed.trimmed("place"), error: error) }
        let chosen = user.place.map {
            ChosenPlace(
                name: $0.name, position: GeoPosition(latitude: $0.latitude, longitude: $0.longitude), placeID: nil,
                countryCode: nil, timeZone: nil, ignoredPostcode: nil)
        }
        return PlaceField(text, chosen: chosen)
    }

    private static func token(
        _ token: APIToken, _ now: Date, _ sites: [SiteID: String], _ text: TextCatalogue
    ) -> Token {
        Token(
            id: token.id.text, label: token.label,
            scopes: (token.scopes.map(\.rawValue).sorted() + [token.siteID.flatMap { sites[$0] }].compactMap { $0 })
                .joined(separator: ", "),
            used: token.lastUsedAt.map { text("account.settings.tokenUsed", ["date": day($0)]) }
                ?? text("account.settings.tokenNeverUsed"),
            end: text(
                token.isValid(at: now) ? "account.settings.tokenEnds" : "account.settings.tokenEnded",
                ["date": day(token.expiresAt)]),
            revoke: text("account.settings.tokenRevokeNamed", ["label": token.label]))
    }

    private static func day(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }
}
