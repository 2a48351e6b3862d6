import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Screening

/// The interface for programs; `Resources/API/openapi.json` describes it.
struct APIRoutes: Sendable {
    let services: SiteServices
    let service: ScreeningService
    let limiter: RateLimiter
    /// Parts of slides that one address sends, by pages and programs together.
    let parts: RateLimiter
    /// The OpenAPI description, as it is served.
    let description: Data
    let reports: ReportMaker

    var routes: [Route] {
        let cases = APICases(services: services, reports: reports)
        let cells = APICells(services: services, text: reports.text)
        let images = APIImages(services: services, limits: service.limits)
        let slides = APISlides(services: services, limits: service.limits)
        let sites = APISites(services: services, service: service)
        let screenings = APIScreenings(services: services, reports: reports)
        return [
            Route(.get, "/api/openapi.json", .anyone) { _, _ in
                var response = APIAnswer.json(description, cacheControl: "public, max-age=300")
                // Written once, whatever somebody reads.
                response.headers[.contentLanguage] = "en"
                return response
            },
            Route(.post, "/api/v1/predict", .tokenUnlessLocal(.predict), limiter: limiter, handler: predict),
            Route(.get, "/api/v1/cases", .token(.read), handler: cases.list),
            Route(.post, "/api/v1/cases", .token(.write), handler: cases.create),
            Route(.get, "/api/v1/cases/:id", .tokenOfReader(.read), handler: cases.read),
            Route(.get, "/api/v1/cases/:id/report.pdf", .tokenOfReader(.read), handler: cases.pdf),
            Route(.put, "/api/v1/cases/:id/site", .tokenOfReader(.write), handler: sites.choose),
            Route(.get, "/api/v1/cases/:id/cells", .tokenOfReader(.read), handler: cells.list),
            Route(.post, "/api/v1/cases/:id/cells", .tokenOfReader(.write), handler: cells.change),
            Route(.get, "/api/v1/cases/:id/differential", .tokenOfReader(.read), handler: cells.count),
            Route(.get, "/api/v1/cases/:id/differential.csv", .tokenOfReader(.read), handler: cells.csv),
            Route(.delete, "/api/v1/cases/:id", .tokenOfOwner(.write), handler: cases.delete),
            Route(.put, "/api/v1/cases/:id/person", .tokenOfOwner(.write), handler: cases.setPerson),
            Route(
                .post, "/api/v1/cases/:id/images", .tokenOfOwner(.write), limiter: limiter, handler: images.add),
            Route(.get, "/api/v1/people", .token(.read), handler: cases.people),
            Route(.post, "/api/v1/cases/:id/slides", .tokenOfOwner(.write), limiter: limiter, handler: slides.begin),
            Route(.get, "/api/v1/cases/:id/slides/:slide", .tokenOfReader(.read), handler: slides.read),
            Route(
                .put, "/api/v1/cases/:id/slides/:slide/parts", .tokenOfOwner(.write), limiter: parts,
                handler: slides.add),
            Route(.get, "/api/v1/sites", .token(.read), handler: sites.list),
            Route(.get, "/api/v1/sites/:id", .token(.read), handler: sites.read),
            Route(
                .post, "/api/v1/sites/:id/controls", .token(.write), limiter: limiter, handler: sites.addControls),
            Route(.get, "/api/v1/doctors", .token(.read), handler: APIDoctors(services: services).list),
            Route(.get, "/api/v1/screenings/:id", .tokenOfReader(.read), handler: screenings.read),
            Route(
                .post, "/api/v1/screenings/:id/again", .tokenOfOwner(.write), limiter: limiter,
                handler: screenings.again),
            Route(.get, "/api/v1/screenings/:id/heatmap.png", .tokenOfReader(.read), handler: screenings.heatMap),
            Route(.get, "/api/v1/screenings/:id/report.pdf", .tokenOfReader(.read), handler: screenings.pdf),
            Route(.get, "/api/v1/screenings/:id/fhir", .tokenOfReader(.read), handler: screenings.fhir),
        ]
    }

    @Sendable private func predict(_ request: Request, _ context: WebContext) async throws -> Response {
        if let principal = context.principal { try await services.consents.require(of: principal.userID) }
        let bound = try await boundSite(context)
        let result = try await service.screen(request, context: context, at: bound?.site.optics)
        if let principal = context.principal {
            try await services.auditLog.note(.api(.predict), by: principal.actor)
        }
        let standing = bound.map { SiteStanding(result, at: $0.site, $0.qualification) } ?? .unknown
        return try APIAnswer.json(ScreeningAnswer(result, text: reports.text, site: .init(standing)))
    }

    /// The microscope that the token is bound to.
    private func boundSite(_ context: WebContext) async throws -> Sites.Entry? {
        guard let id = context.principal?.boundSite else { return nil }
        return try await services.sites.entry(id)
    }
}
