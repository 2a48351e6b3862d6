import Clinic
import HTTPTypes
import Hummingbird
import Wording

/// Chooses the language of an answer, and says in the answer which it is.
///
/// For people: what they chose for their account, else in this browser, else the best of `Accept-Language` (RFC 9110, 12.5.4,
/// looked up as RFC 4647, 3.4), else the site's. For programs: the best of `Accept-Language`, else English.
struct LanguageMiddleware: RouterMiddleware {
    let texts: TextLibrary
    let cookies: SiteCookies

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let isForProgram = Route.isForProgram(request.uri.path)
        context.language = (isForProgram ? ofProgram(request) : ofPerson(request, context)).language
        if request.method == .get { context.address = request.uri.string }
        var response = try await next(request, context)
        Self.mark(&response, context.language, isForProgram: isForProgram)
        return response
    }

    private func ofPerson(_ request: Request, _ context: WebContext) -> TextCatalogue {
        texts[context.principal?.user.language] ?? texts[cookies.language(in: request)] ?? asked(by: request)
            ?? texts.site
    }

    private func ofProgram(_ request: Request) -> TextCatalogue {
        asked(by: request) ?? texts[TextCatalogue.base] ?? texts.site
    }

    private func asked(by request: Request) -> TextCatalogue? {
        texts.best(of: PreferredLanguages.ranges(request.headers[.acceptLanguage]))
    }

    /// Says the language of words, and what it was chosen by, so that no cache gives them to somebody who reads another.
    private static func mark(_ response: inout Response, _ language: String, isForProgram: Bool) {
        guard response.headers[.contentLanguage] == nil, let type = response.headers[.contentType],
            types.contains(where: type.hasPrefix) || type.contains("json")
        else { return }
        response.headers[.contentLanguage] = language
        response.headers.append(
            HTTPField(name: .vary, value: isForProgram ? "Accept-Language" : "Accept-Language, Cookie"))
    }

    /// Beside JSON, the kinds of answers with words.
    private static let types = ["text/html", "text/calendar", "text/csv", "application/pdf"]
}
