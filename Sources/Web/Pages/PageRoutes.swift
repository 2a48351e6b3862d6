import Clinic
import Findings
import HTTPTypes
import Hummingbird
import Screening

/// The pages for people that need no account.
struct PageRoutes: Sendable {
    let service: ScreeningService
    let pages: PageRenderer
    let learn: LearnPage
    let assets: AssetLibrary
    let limiter: RateLimiter
    /// Takes the images of those who are logged in.
    let intake: CaseIntake

    var routes: [Route] {
        [
            Route(.get, "/", .anyone) { _, context in
                let notices = try await intake.services.noticeLines(for: context, pages.site.text)
                let dependents =
                    if let user = context.principal?.userID {
                        try await intake.services.care.dependents(of: user)
                    } else {
                        [Dependent]()
                    }
                return try pages.response(
                    ScreenPage(
                        notices: notices, dependents: dependents, hasSlides: intake.services.wholeSlides != nil,
                        site: pages.site, context: context),
                    template: "screen")
            },
            Route(.get, "/learn", .anyone) { _, context in
                try pages.response(learn.shown(to: context, site: pages.site), template: "learn")
            },
            Route(.get, "/learn/quality", .anyone) { _, context in
                try pages.response(learn.quality(to: context, site: pages.site), template: "quality")
            },
            // The answer to an upload has no address of its own, because it is not kept: a reload starts again.
            Route(.get, "/screen", .anyone) { _, _ in Response.redirect(to: "/", type: .normal) },
            Route(.get, "/assets/:name", .anyone) { request, context in
                try assets.response(to: request, name: context.parameters.require("name"))
            },
            // Without an account nothing is kept and nobody's rights are used, so that there is nothing to forge.
            Route(.post, "/screen", .anyone, check: .uploadOfUser, limiter: limiter) { request, context in
                if context.principal != nil { return try await intake.create(request, context) }
                let answer = try await service.explain(request, context: context)
                return try result(answer, isDrawn: false, context)
            },
            Route(.get, "/examples/:class", .anyone, limiter: limiter) { _, context in
                let key = try context.parameters.require("class")
                guard let example = pages.site.examples.first(where: { $0.smearClass.rawValue == key }) else {
                    throw WebError(.notFound, "errors.screenings.noExample")
                }
                return try result(try await service.explain(example, context: context), isDrawn: true, context)
            },
        ]
    }

    private func result(_ answer: ScreeningService.Explained, isDrawn: Bool, _ context: WebContext) throws -> Response {
        let page = ResultPage(
            answer.result, pictures: ResultPictures(answer.pictures),
            analytics: AnalyticsView(answer.pictures, text: pages.site.text), isDrawn: isDrawn, site: pages.site,
            context: context)
        return try pages.response(page, template: "result")
    }
}
