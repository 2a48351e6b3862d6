import HTTPTypes
import Hummingbird

extension PageRenderer {
    /// A page with a form for somebody who may not be logged in: a browser without a cookie of ours gets one, so that the
    /// form's token is worth something.
    func form(
        _ page: FormPage, context: WebContext, cookies: SiteCookies, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        var response = try response(page, template: "form", status: status)
        cookies.greet(context, in: &response)
        return response
    }
}
