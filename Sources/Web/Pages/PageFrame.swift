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
    }
}

extension PageFrame {
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

/// What the pages know of the whole server; fixed when it starts.
struct Site: Sendable {
    let text: TextCatalogue
    /// The model that answers now; the footer names it.
    let models: ModelShelf
    let styleSheets: [String]
    let scripts: [String]
    let icon: String
    /// Drawn example images, one a class in the order of the classes; empty without a demonstration model.
    let examples: [DrawnExample]
}
