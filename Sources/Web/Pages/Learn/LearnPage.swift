import Findings
import Wording

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
    let stages: [Stage]
    private(set) var figures: FiguresTable?
    private let source: LearnFigures

    /// - Parameters:
    ///   - drawings: Addresses of drawn pictures by class key.
    ///   - figures: What the model that answers says of itself.
    init(site: Site, drawings: [DrawnExample], figures: LearnFigures) {
        let text = site.text
        frame = PageFrame(site: site, title: text("learn.title"), place: .learn)
        stages = SmearClass.allCases.map { smearClass in
            let name = text("classes.\(smearClass).name")
            return Stage(
                name: name, look: text("classes.\(smearClass).look"), meaning: text("classes.\(smearClass).meaning"),
                address: drawings.first { $0.smearClass == smearClass }?.address,
                alt: text("learn.drawnAlt", ["class": name]))
        }
        source = figures
        self.figures = figures.table
    }

    /// The same page for somebody, with the figures of the model that answers now.
    func shown(to context: WebContext, site: Site) -> LearnPage {
        var page = self
        page.frame = PageFrame(site: site, title: frame.title, place: .learn, context: context)
        page.figures = source.table
        return page
    }

    /// The page with all that the model's package says of its quality.
    func quality(to context: WebContext, site: Site) -> QualityPage {
        QualityPage(site: site, context: context, figures: source)
    }
}
