import Packaging
import Wording

/// The page "How good is it?": what the package of the model that answers says of itself, and nothing else.
struct QualityPage: Sendable {
    let frame: PageFrame
    let figures: FiguresTable?
    let blocks: [QualityBlock]

    init(site: Site, context: WebContext, figures: LearnFigures) {
        let text = site.text
        let shown = figures.shown
        frame = PageFrame(site: site, title: text("quality.title"), place: .learn, context: context)
        self.figures = shown.table
        blocks = shown.quality.map { QualityBlock.all($0, package: shown.package, text: text) } ?? []
    }
}
