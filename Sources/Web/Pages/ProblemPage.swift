import Wording

/// The page that says what went wrong and what to do.
struct ProblemPage: Sendable {
    let frame: PageFrame
    let text: TextCatalogue
    let status: Int
    let title: String
    let detail: String
    let again: String?

    init(_ problem: Problem, site: Site, context: WebContext) {
        frame = PageFrame(site: site, title: problem.title, place: .none, context: context)
        text = site.text
        status = problem.status
        title = problem.title
        detail = problem.detail
        again = problem.retryAfterSeconds.map { site.text("problem.again", ["seconds": String($0)]) }
    }
}
