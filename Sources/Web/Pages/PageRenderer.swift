import Formats
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
            library = try Self.templates(in: directory)
            try library.register("{{#pageModel}}{{>*pageTemplate}}{{/pageModel}}", named: Self.around)
        } catch {
            throw WebError(.resource, fault: "A page template cannot be read: \(error)")
        }
        for name in ["layout", "screen", "result", "learn", "quality", "problem", "form", "account", "factor"]
        where library.getTemplate(named: name) == nil {
            throw WebError(.resource, fault: "The page template “\(name)” is missing in \(directory.path).")
        }
    }

    /// Each begins by saying that what it shows is escaped as `PageText` does.
    private static func templates(in directory: URL) throws -> MustacheLibrary {
        MustacheContentTypes.register(PageText(), named: PageText.name)
        var library = MustacheLibrary()
        for file in try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        where file.pathExtension == "mustache" {
            let name = file.deletingPathExtension().lastPathComponent
            do {
                let template = try String(contentsOf: file, encoding: .utf8)
                try library.register("{{% CONTENT_TYPE:\(PageText.name)}}\n" + template, named: name)
            } catch {
                throw WebError(.resource, fault: "\(name): \(error)")
            }
        }
        return library
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
    ///
    /// - Parameter hasSent: Whether something was sent, of which the page says that it was not kept.
    func problem(_ problem: Problem, hasSent: Bool, context: WebContext) throws -> Response {
        var response = try response(
            ProblemPage(problem, hasSent: hasSent, site: site, context: context), template: "problem",
            status: .init(code: problem.status)
        )
        problem.addHeaders(to: &response.headers)
        return response
    }
}

/// What pages show, escaped scalar by scalar. Mustache's own escaping goes by `Character`: it lets a quotation mark with an accent
/// behind it through, which ends the value of an attribute.
private struct PageText: MustacheContentType {
    static let name = "PAGE"

    func escapeText(_ text: String) -> String { text.escapedForMarkup }
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
    let hasSent: Bool

    init(_ problem: Problem, hasSent: Bool, site: Site, context: WebContext) {
        let text = site.text
        (title, detail, status) = (text(problem.title), text(problem.detail), problem.status)
        self.hasSent = hasSent
        frame = PageFrame(site: site, title: title, place: .none, context: context)
        again = problem.retryAfterSeconds.map { site.text("problem.again", ["seconds": String($0)]) }
    }
}
