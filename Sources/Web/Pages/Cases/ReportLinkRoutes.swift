import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Links by which somebody without an account opens the report of a case. Their addresses hold a secret: they are in no log
/// (`ObservationMiddleware` writes the route), no cache, no search engine, and no `Referer`.
struct ReportLinkRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let reports: ReportMaker
    /// Openings of one address, so that nobody tries secrets.
    let limiter: RateLimiter

    private var links: ReportLinks { services.reportLinks }

    var routes: [Route] {
        [
            Route(.post, "/cases/:id/links", .ownerOfCase, limiter: limiter, handler: make),
            Route(.post, "/cases/:id/links/:link/revoke", .ownerOfCase) { _, context in
                let id = try context.caseID()
                try await links.revoke(context.identifier("link"), of: id, by: context.requiredPrincipal)
                return Response.redirect(to: "/cases/\(id)#links", type: .normal)
            },
            Route(.get, "/reports/:token", .anyone, limiter: limiter) { _, context in
                // Messengers look at a link before anybody opens it: this page tells nothing, and is not counted.
                let secret = try Self.secret(context)
                let end = try await links.end(of: secret)
                let page = ReportLinkPage(secret, end: end, site: pages.site, context: context)
                return Self.hidden(try pages.response(page, template: "report-link"))
            },
            Route(.get, "/reports/:token/report.pdf", .anyone, limiter: limiter) { _, context in
                let (contents, owner) = try await links.open(Self.secret(context), by: context.principal)
                let cells = try await services.cells.galleryOfReport(of: contents.smearCase.id, for: owner)
                return Self.hidden(
                    APIAnswer.file(
                        try await reports.pdf(of: contents, cells: cells, in: services.archive),
                        contentType: "application/pdf", name: "smear-report.pdf"))
            },
        ]
    }

    /// Makes a link, and shows it on the case's page this once.
    @Sendable private func make(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
        do {
            let days = Int(context.form.trimmed("days")) ?? 0
            let secret = try await links.make(for: id, days: days, by: principal).secret
            let address = reports.address?.absoluteString.trimmingCharacters(in: ["/"])
            // Without a public address only this machine reaches the site, by the name that it used.
            let origin = address ?? "http://\(request.head.authority ?? "localhost")"
            return try await page(id, principal, context, made: "\(origin)/reports/\(secret.text)")
        } catch let error as ClinicError where error.field == "days" {
            return try await page(id, principal, context, error: error)
        }
    }

    private func page(
        _ id: CaseID, _ principal: Principal, _ context: WebContext, made: String? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let contents = try await services.cases.ownContents(of: id, for: principal)
        let view = ReportLinksView(
            try await links.links(of: id, by: principal), of: id, now: services.clock(), made: made,
            typed: context.form.trimmed("days"), error: error, text: pages.site.text)
        let page = CasePage(
            contents, pace: services.changes.secondsPerScreening, links: view, site: pages.site, context: context)
        return try pages.response(
            page, template: "case", status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    private static func secret(_ context: WebContext) throws -> SecretToken {
        guard let secret = context.parameters.get("token").flatMap({ SecretToken($0) }) else {
            throw WebError(.notFound, "errors.links.ended")
        }
        return secret
    }

    /// No search engine keeps the answer.
    private static func hidden(_ response: Response) -> Response {
        var response = response
        if let name = HTTPField.Name("X-Robots-Tag") { response.headers[name] = "noindex, nofollow, noarchive" }
        return response
    }
}
