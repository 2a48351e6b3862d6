import Clinic
import Packaging
import Screening
import Wording

/// What every page has around its content: texts, addresses of the static files, navigation and footer, and who reads.
public struct PageFrame: Sendable {
    /// The places of the navigation.
    public enum Place: String, Sendable { case screen, cases, doctors, readings, admin, learn, account, none }

    /// The page's title, without the site's name.
    public let title: String
    /// True at the page's place of the navigation, under its name.
    let at: [String: Bool]
    /// Whether somebody is logged in; `userName` and `csrf` are theirs.
    let isLoggedIn: Bool
    /// Whose copies and waiting cases a device shows; nil where nobody is logged in.
    let account: String?
    /// Whether somebody is logged in who has not agreed to the notice in force.
    let needsConsent: Bool
    let userName: String
    let isClinician: Bool
    let isAdministrator: Bool
    /// Whether second readings are this person's to give or to see: clinicians and administrators.
    let readsForOthers: Bool
    /// What this person has not seen yet: a number with its words; nil for nothing.
    let news: News?
    /// For the hidden field `csrf` of every form; empty where the browser has no cookie of ours yet.
    let csrf: String
    let model: String
    let styleSheets: [String]
    let scripts: [String]
    let icon: String
    /// The tag of the page's language.
    let language: String
    /// The languages to choose from, each by its own name.
    let languages: [Language]
    let hasLanguages: Bool
    /// Where the menu of languages comes back to.
    let address: String
    /// That a native reader has yet to check the wording; nil where it is as it should be.
    let unchecked: String?

    /// - Parameters:
    ///   - site: What all pages share.
    ///   - title: The page's title, without the site's name.
    ///   - place: Which place of the navigation it belongs to.
    ///   - context: Who asks; nil for a page that is made before anybody does.
    init(site: Site, title: String, place: Place, context: WebContext? = nil) {
        self.title = title
        at = [place.rawValue: true]
        let user = context?.principal?.user
        isLoggedIn = user != nil
        account = context?.account
        needsConsent = user != nil && [.open, .refused].contains(context?.standing)
        userName = user?.name ?? ""
        isClinician = user?.role == .clinician
        isAdministrator = user?.role == .administrator
        readsForOthers = isClinician || isAdministrator
        news = context.flatMap { $0.unseen > 0 ? News($0.unseen, text: site.text) : nil }
        csrf = context?.browser?.token ?? ""
        let description = site.models.active.package.description
        model = site.text("site.model", ["name": description.name, "version": description.version])
        styleSheets = site.styleSheets
        scripts = site.scripts
        icon = site.icon
        language = site.text.language
        languages = site.languages.map { Language(tag: $0.tag, name: $0.name, isOn: $0.tag == site.text.language) }
        hasLanguages = languages.count > 1
        address = OwnPath.checked(context?.address)
        unchecked = site.text.unchecked
    }
}

extension PageFrame {
    /// A language of the menu.
    struct Language: Sendable {
        let tag: String
        let name: String
        /// Whether the page is in it.
        let isOn: Bool
    }

    /// A count in the navigation.
    struct News: Sendable {
        let count: String
        let words: String

        init(_ count: Int, text: TextCatalogue) {
            self.count = count > 99 ? "99+" : String(count)
            words = text.counted("notices.count", count)
        }
    }
}

/// What the pages of one language know of the whole server; fixed when it starts.
struct Site: Sendable {
    let text: TextCatalogue
    /// The tags of all languages with their own names.
    let languages: [(tag: String, name: String)]
    /// Whom the notice names; nil where the installation has named nobody.
    let runBy: Operator?
    /// The model that answers now; the footer names it.
    let models: ModelShelf
    let styleSheets: [String]
    let scripts: [String]
    let icon: String
    /// Drawn example images, one a class in the order of the classes; empty without a demonstration model.
    let examples: [DrawnExample]
}
