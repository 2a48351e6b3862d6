import Clinic
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Gives a page back what was typed into its form before the login (`FormKeeper`).
struct KeptFormMiddleware: RouterMiddleware {
    let keeper: FormKeeper
    let texts: TextLibrary

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        guard request.method == .get, let user = context.principal?.userID,
            let id = request.uri.queryParameters.get("kept"), response.status == .ok,
            response.headers[.contentType]?.hasPrefix("text/html") == true,
            let form = try await keeper.kept(id, of: user)
        else { return response }
        let page = String(decoding: try await response.body.collected(), as: UTF8.self)
        let text = texts[context.language] ?? texts.site
        return Response(
            status: .ok, headers: response.headers.removing(.contentLength),
            body: ResponseBody(byteBuffer: ByteBuffer(string: Self.page(page, with: form, text))))
    }

    /// The page with the form filled in; where the form is gone, with the words themselves, so that none is lost.
    private static func page(_ page: String, with form: TypedForm, _ text: TextCatalogue) -> String {
        let filled = FormFilling.filled(page, action: form.action, values: form.fields)
        let note: String
        if filled != nil {
            note = "<p class=\"notice\" role=\"status\" id=\"kept-note\">\(text("kept.back").escapedForMarkup)</p>"
        } else {
            let words = form.fields.sorted { $0.key < $1.key }.flatMap(\.value).filter { !$0.isEmpty }
            note =
                "<div class=\"notice\" role=\"status\" id=\"kept-note\"><p>\(text("kept.words").escapedForMarkup)</p>"
                + words.map { "<p translate=\"no\">\($0.escapedForMarkup)</p>" }.joined() + "</div>"
        }
        let whole = filled ?? page
        guard let main = whole.range(of: "<main"), let end = whole[main.upperBound...].firstIndex(of: ">") else {
            return whole
        }
        let place = whole.index(after: end)
        return whole[..<place] + note + whole[place...]
    }
}

extension HTTPFields {
    /// The same without a field.
    fileprivate func removing(_ name: HTTPField.Name) -> HTTPFields {
        var fields = self
        fields[name] = nil
        return fields
    }
}
