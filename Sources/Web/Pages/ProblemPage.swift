import Wording

/// The page that says what went wrong and what to do.
struct ProblemPage: Sendable {
    let frame: PageFrame
    let status: Int
    let title: String
    let detail: String
    let again: String?

    init(_ problem: Problem, site: Site, context: WebContext) {
        let text = site.text
        (title, detail, status) = (text(problem.title), text(problem.detail), problem.status)
        frame = PageFrame(site: site, title: title, place: .none, context: context)
        again = problem.retryAfterSeconds.map { site.text("problem.again", ["seconds": String($0)]) }
    }
}
