/// The page about the classes, the limits, and how good the model is.
struct LearnPage: Sendable {
    /// A class with its drawing.
    struct Stage: Sendable {
        let name: String
        let look: String
        let meaning: String
        let address: String?
        let alt: String
    }

    private(set) var frame: PageFrame
    let text: TextCatalogue
    let stages: [Stage]
    let figures: FiguresTable?

    /// - Parameters:
    ///   - drawings: Addresses of drawn pictures by class key.
    ///   - figures: What the release package says of itself, where it does.
    init(site: Site, drawings: [DrawnExample], figures: PublishedFigures?) {
        let text = site.text
        frame = PageFrame(site: site, title: text("learn.title"), place: .learn)
        self.text = text
        stages = DrawnExample.seeds.map { entry in
            let name = text("classes.\(entry.key).name")
            return Stage(
                name: name, look: text("classes.\(entry.key).look"), meaning: text("classes.\(entry.key).meaning"),
                address: drawings.first { $0.key == entry.key }?.address,
                alt: text("learn.drawnAlt", ["class": name]))
        }
        self.figures = figures.flatMap { FiguresTable($0, text: text) }
    }

    /// The same page for somebody.
    func shown(to context: WebContext, site: Site) -> LearnPage {
        var page = self
        page.frame = PageFrame(site: site, title: frame.title, place: .learn, context: context)
        return page
    }
}
