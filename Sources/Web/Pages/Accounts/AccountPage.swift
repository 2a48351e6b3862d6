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
        let revoke: String
    }

    /// What the page is told beside the account itself.
    struct Facts: Sendable {
        var sessions = 1
        var tokens: [APIToken] = []
        /// Towns to choose from, after the profile was sent.
        var place: PlaceReader.Outcome?
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
    let passwordFields: [FormField]
    let hasFactor: Bool
    let factorFields: [FormField]
    let sessions: String
    let tokens: [Token]
    let tokenFields: [FormField]
    let scopes: [FormOption]
    let deleteFields: [FormField]
    let scopeWrong: String?

    /// - Parameters:
    ///   - part: The form that `error` belongs to: `profile`, `password`, `factor`, `tokens` or `delete`.
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
        let passwordError = part == "password" ? error : nil
        passwordFields = [
            FormField(
                "old", text: text, type: "password", autocomplete: "current-password", label: "oldPassword",
                maximumLength: PasswordRules.maximumLength, error: passwordError),
            .newPassword(text, error: passwordError),
        ]
        hasFactor = user.totpSecret != nil
        factorFields = [.password(text, id: "factor-password", error: part == "factor" ? error : nil)]
        sessions =
            facts.sessions <= 1
            ? text("account.settings.sessionsOne")
            : text("account.settings.sessionsMany", ["count": String(facts.sessions)])
        tokens = facts.tokens.filter { $0.revokedAt == nil }.map { Self.token($0, text) }
        let tokenError = part == "tokens" ? error : nil
        tokenFields = [
            FormField(
                "label", text: text, value: tokenError == nil ? "" : context.form.trimmed("label"), error: tokenError)
        ]
        scopeWrong = text(tokenError, at: "scope")
        scopes = APIToken.Scope.allCases.map {
            FormOption(
                value: $0.rawValue, name: text("account.settings.scopes.\($0.rawValue)"), isChosen: $0 == .predict)
        }
        deleteFields = [.password(text, id: "delete-password", error: part == "delete" ? error : nil)]
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

    private static func token(_ token: APIToken, _ text: TextCatalogue) -> Token {
        Token(
            id: token.id.text, label: token.label,
            scopes: token.scopes.map(\.rawValue).sorted().joined(separator: ", "),
            used: token.lastUsedAt.map { text("account.settings.tokenUsed", ["date": day($0)]) }
                ?? text("account.settings.tokenNeverUsed"),
            revoke: text("account.settings.tokenRevokeNamed", ["label": token.label]))
    }

    private static func day(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }
}
