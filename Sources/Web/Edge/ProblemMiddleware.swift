import HTTPTypes
import Hummingbird
import Logging

/// Turns every error into an answer: a page for people, problem details for programs.
struct ProblemMiddleware: RouterMiddleware {
    let pages: SpokenPages

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = Problem(error)
            if problem.status >= 500 && problem.status != 503 {
                context.logger.error("failed", metadata: ["error": "\(type(of: error))", "reason": "\(error)"])
            }
            let pages = pages[context.language]
            if request.uri.path.hasPrefix(Route.fhir) { return try problem.fhirResponse(pages.site.text) }
            if Self.isForProgram(request) { return try problem.response(pages.site.text) }
            return try pages.problem(problem, hasSent: ![.get, .head].contains(request.method), context: context)
        }
    }

    private static func isForProgram(_ request: Request) -> Bool {
        if request.headers[.accept]?.contains("json") == true { return true }
        let path = request.uri.path
        return Route.isForProgram(path) || path.hasPrefix("/assets/")
    }
}
