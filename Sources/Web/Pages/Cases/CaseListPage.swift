import Clinic
import Findings
import Wording

/// The list of a person's cases.
struct CaseListPage: Sendable {
    /// A case in the list.
    struct Row: Sendable {
        let id: String
        let title: String
        /// The person in care whose case it is; nil for the owner's own.
        let subject: String?
        let address: String
        let thumbnail: String?
        let kind: String
        let headline: String
        let counts: String
        let images: String
        let time: PageTime
        let isPending: Bool
        let compareLabel: String
    }

    /// Cases on one page.
    static let size = 20

    let frame: PageFrame
    let rows: [Row]
    let canCompare: Bool
    let chips: [PageLink]
    let search: String
    let decision: String?
    let label: String?
    let isFiltered: Bool
    /// Nobody has sent anything yet.
    let isNew: Bool
    let total: String
    let next: String?

    init(
        _ found: [CaseSummary], total: Int, query: CaseListQuery, dependents: [Dependent], site: Site,
        context: WebContext
    ) {
        let names = Dictionary(dependents.map { ($0.id, $0.facts.name) }, uniquingKeysWith: { $1 })
        let text = site.text
        frame = PageFrame(site: site, title: text("cases.title"), place: .cases, context: context)
        let shown = Array(found.prefix(Self.size))
        rows = shown.map { Self.row($0, names, text: text) }
        canCompare = rows.count > 1
        chips = query.chips(text)
        search = query.filter.search
        decision = query.filter.decision?.rawValue
        label = query.filter.label?.rawValue
        isFiltered = query.isFiltered
        isNew = total == 0
        self.total = text.counted("cases.total", total)
        if found.count > Self.size, let last = shown.last {
            next = query.address(after: CaseCursor(after: last.smearCase))
        } else {
            next = nil
        }
    }

    private static func row(
        _ summary: CaseSummary, _ names: [DependentID: String], text: TextCatalogue
    ) -> Row {
        let conclusion = summary.conclusion
        let words = CaseWords(conclusion: conclusion, text: text)
        let source = words.isLed ? [text("readings.doctorSays")] : []
        let counts = source + [words.network].compactMap { $0 } + words.counts
        return Row(
            id: summary.smearCase.id.text, title: summary.smearCase.title,
            subject: summary.smearCase.dependentID.flatMap { names[$0] }.map { text("care.for", ["name": $0]) },
            address: "/cases/\(summary.smearCase.id)",
            thumbnail: summary.coverScreeningID.map { PictureKind.thumbnail.address(of: $0) },
            kind: conclusion.kind.rawValue, headline: words.headline, counts: counts.joined(separator: " · "),
            images: words.counted("cases.imageCount", summary.imageCount),
            time: PageTime(summary.smearCase.updatedAt), isPending: summary.pendingCount > 0,
            compareLabel: text("cases.compareTick", ["title": summary.smearCase.title]))
    }
}
