/// What every page has around its content: texts, addresses of the static files, navigation and footer.
public struct PageFrame: Sendable {
    /// The places of the navigation.
    public enum Place: Sendable { case screen, learn, none }

    /// The words of the pages.
    public let text: TextCatalogue
    /// The page's title, without the site's name.
    public let title: String
    let isScreen: Bool
    let isLearn: Bool
    let model: String
    let styleSheets: [String]
    let scripts: [String]
    let icon: String

    init(site: Site, title: String, place: Place) {
        text = site.text
        self.title = title
        isScreen = place == .screen
        isLearn = place == .learn
        model = site.text("site.model", ["name": site.modelName, "version": site.modelVersion])
        styleSheets = site.styleSheets
        scripts = site.scripts
        icon = site.icon
    }
}

/// What the pages know of the whole server; fixed when it starts.
struct Site: Sendable {
    let text: TextCatalogue
    let modelName: String
    let modelVersion: String
    let styleSheets: [String]
    let scripts: [String]
    let icon: String
    /// Drawn example images, one a class in the order of the classes; empty without a demonstration model.
    let examples: [DrawnExample]
}
