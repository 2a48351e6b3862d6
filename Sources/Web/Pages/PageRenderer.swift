import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import Wording

/// Makes HTML answers from page models and their templates.
struct PageRenderer: Sendable {
    private(set) var site: Site
    private var library: MustacheLibrary
    /// Around each page: every template finds the words as `text`, below what the page itself holds.
    private static let around = "with-words"

    /// - Parameters:
    ///   - directory: The folder of `.mustache` files.
    ///   - site: What all pages share.
    /// - Throws: `WebError.resource` when a template is missing or broken, or uses a text that does not exist.
    init(directory: URL, site: Site) async throws {
        self.site = site
        do {
            library = try await MustacheLibrary(directory: directory.path)
            try library.register("{{#pageModel}}{{>*pageTemplate}}{{/pageModel}}", named: Self.around)
        } catch {
            throw WebError(.resource, fault: "A page template cannot be read: \(error)")
        }
        for name in ["layout", "screen", "result", "learn", "quality", "problem", "form", "account", "factor"]
        where library.getTemplate(named: name) == nil {
            throw WebError(.resource, fault: "The page template “\(name)” is missing in \(directory.path).")
        }
    }

    /// The same templates for the site in another language.
    func speaking(_ site: Site) -> PageRenderer {
        var pages = self
        pages.site = site
        return pages
    }

    /// Renders a page.
    ///
    /// - Parameters:
    ///   - page: The page's model.
    ///   - template: The template's name.
    ///   - status: The answer's status.
    /// - Throws: `WebError.resource` when there is no such template.
    func response(_ page: some Sendable, template: String, status: HTTPResponse.Status = .ok) throws -> Response {
        let parts: [String: any Sendable] = ["text": site.text, "pageTemplate": template, "pageModel": page]
        guard library.getTemplate(named: template) != nil, let html = library.render(parts, withTemplate: Self.around)
        else { throw WebError(.resource, fault: "The page template “\(template)” is missing.") }
        return Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// The page that tells of a problem, with the problem's status.
    func problem(_ problem: Problem, context: WebContext) throws -> Response {
        var response = try response(
            ProblemPage(problem, site: site, context: context), template: "problem", status: .init(code: problem.status)
        )
        problem.addHeaders(to: &response.headers)
        return response
    }
}

/// The pages in every language.
struct SpokenPages: Sendable {
    /// By the language's tag.
    let all: [String: PageRenderer]
    /// In the language of who asks for none.
    let otherwise: PageRenderer

    /// The pages in a language, or in the site's.
    subscript(language: String) -> PageRenderer { all[language] ?? otherwise }
}

extension TextCatalogue: MustacheParent {}
extension TextCatalogue.Branch: MustacheParent {}

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
