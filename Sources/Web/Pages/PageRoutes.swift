import HTTPTypes
import Hummingbird
import Screening

/// The pages for people.
struct PageRoutes: Sendable {
    let service: ScreeningService
    let pages: PageRenderer
    let learn: LearnPage
    let assets: AssetLibrary
    let limiter: RateLimiter

    func add(to router: Router<WebContext>) {
        router.get("/") { _, _ in try pages.response(ScreenPage(site: pages.site), template: "screen") }
        router.get("/learn") { _, _ in try pages.response(learn, template: "learn") }
        // The answer to an upload has no address of its own, because it is not kept: a reload starts again.
        router.get("/screen") { _, _ in Response.redirect(to: "/", type: .normal) }
        router.get("/assets/:name") { request, context in
            try assets.response(to: request, name: context.parameters.require("name"))
        }
        let limited = router.group().add(middleware: RateLimitMiddleware(limiter: limiter))
        limited.post("/screen") { request, _ in
            let explanation = try await service.explain(request)
            return try result(explanation, isDrawn: false)
        }
        limited.get("/examples/:class") { _, context in
            let key = try context.parameters.require("class")
            guard let example = pages.site.examples.first(where: { $0.key == key }) else {
                throw WebError(.notFound, "There is no drawn example of that name.")
            }
            return try result(try await service.explain(example), isDrawn: true)
        }
    }

    private func result(_ explanation: ScreeningExplanation, isDrawn: Bool) throws -> Response {
        let page = ResultPage(
            explanation.result, pictures: try ResultPictures(explanation), isDrawn: isDrawn, site: pages.site)
        return try pages.response(page, template: "result")
    }
}
