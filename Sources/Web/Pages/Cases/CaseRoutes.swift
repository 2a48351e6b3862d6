import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// The pages of cases and stored screenings, for people who are logged in.
struct CaseRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let intake: CaseIntake
    let limiter: RateLimiter
    private let events: CaseEvents

    init(
        services: SiteServices, pages: PageRenderer, limits: UploadLimits, limiter: RateLimiter, streams: OpenStreams
    ) {
        (self.services, self.pages, self.limiter) = (services, pages, limiter)
        intake = CaseIntake(services: services, limits: limits, text: pages.site.text)
        events = CaseEvents(services: services, streams: streams)
    }

    var routes: [Route] { listRoutes + caseRoutes + changeRoutes + againRoutes + removalRoutes }

    private var listRoutes: [Route] {
        [
            Route(.get, "/cases", .user) { request, context in try await list(request, context) },
            Route(.post, "/cases", .user, check: .upload, limiter: limiter) { request, context in
                try await intake.create(request, context)
            },
            Route(.get, "/compare", .user) { request, context in try await compare(request, context) },
        ]
    }

    private var caseRoutes: [Route] {
        [
            Route(.get, "/cases/:id", .readerOfCase) { request, context in
                let contents = try await contents(context)
                let refused = request.uri.queryParameters.get("refused").flatMap { Int($0) } ?? 0
                let isOwner = context.principal?.userID == contents.smearCase.ownerID
                let doctors = try await services.doctorsSection(
                    for: isOwner ? RecommendationRequest.Need(contents.conclusion) : nil, of: contents.subject,
                    on: "/cases/\(contents.smearCase.id)", request, context, text: pages.site.text)
                let links =
                    isOwner
                    ? ReportLinksView(
                        try await services.reportLinks.links(
                            of: contents.smearCase.id, by: context.requiredPrincipal),
                        of: contents.smearCase.id, now: services.clock(), text: pages.site.text) : nil
                let page = CasePage(
                    contents, pace: services.changes.secondsPerScreening, refused: refused, doctors: doctors,
                    links: links, slides: try await slides(of: contents.smearCase, context),
                    dependents: isOwner
                        ? try await services.care.dependents(of: contents.smearCase.ownerID) : [],
                    sites: try await services.sites.choice(
                        of: contents.smearCase.id, for: context.requiredPrincipal),
                    site: pages.site, context: context)
                return try pages.response(page, template: "case")
            },
            Route(.get, "/cases/:id/print", .readerOfCase) { _, context in
                let contents = try await contents(context, .smearCase(.print))
                let page = CasePage(contents, pace: nil, site: pages.site, context: context)
                return try pages.response(page, template: "case-print")
            },
            Route(.get, "/cases/:id/status", .readerOfCase) { _, context in
                let contents = try await contents(context, .caseRead(.status))
                let status = CaseStatus(contents, pace: services.changes.secondsPerScreening)
                return try APIAnswer.json(status)
            },
            Route(.get, "/cases/:id/events", .readerOfCase) { _, context in
                try await events.response(for: context.caseID(), context.requiredPrincipal)
            },
        ]
    }

    private var changeRoutes: [Route] {
        [
            Route(.post, "/cases/:id/images", .ownerOfCase, check: .upload, limiter: limiter) { request, context in
                try await intake.add(request, context)
            },
            Route(.post, "/cases/:id/rename", .ownerOfCase) { _, context in
                let id = try context.caseID()
                try await services.cases.rename(
                    id, title: context.form["title"] ?? "", note: context.form["note"] ?? "",
                    by: context.requiredPrincipal)
                services.changes.publish(id)
                return Response.redirect(to: "/cases/\(id)", type: .normal)
            },
        ]
    }

    /// What failed is screened again.
    private var againRoutes: [Route] {
        [
            Route(.post, "/cases/:id/again", .ownerOfCase, limiter: limiter) { _, context in
                let id = try context.caseID()
                _ = try await services.cases.screenFailedAgain(of: id, by: context.requiredPrincipal)
                services.intake.announceQueued(id)
                return Response.redirect(to: "/cases/\(id)", type: .normal)
            },
            Route(.post, "/cases/:id/images/:image/again", .ownerOfCase, limiter: limiter) { _, context in
                let id = try context.caseID()
                try await services.cases.screenAgain(
                    image: context.identifier("image"), in: id, by: context.requiredPrincipal)
                services.intake.announceQueued(id)
                return Response.redirect(to: "/cases/\(id)", type: .normal)
            },
        ]
    }

    private var removalRoutes: [Route] {
        [
            Route(.get, "/cases/:id/delete", .ownerOfCase) { _, context in
                let contents = try await ownContents(context)
                return try pages.response(
                    DeletePage(contents, site: pages.site, context: context), template: "case-delete")
            },
            Route(.post, "/cases/:id/delete", .ownerOfCase) { _, context in
                let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
                try await services.removal.removeCase(id, of: principal.user, by: principal.actor)
                services.changes.publish(id)
                return Response.redirect(to: "/cases", type: .normal)
            },
            Route(.get, "/cases/:id/images/:image/delete", .ownerOfCase) { _, context in
                let contents = try await ownContents(context)
                let image: ImageID = try context.identifier("image")
                guard let entry = contents.entries.first(where: { $0.image.id == image }) else {
                    throw WebError.nothingHere
                }
                return try pages.response(
                    DeletePage(contents, image: entry.image, site: pages.site, context: context),
                    template: "case-delete")
            },
            Route(.post, "/cases/:id/images/:image/delete", .ownerOfCase) { _, context in
                let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
                try await services.removal.removeImage(
                    context.identifier("image"), in: id, of: principal.user, by: principal.actor)
                services.changes.publish(id)
                return Response.redirect(to: "/cases/\(id)", type: .normal)
            },
        ]
    }
}

extension CaseRoutes {
    private func contents(
        _ context: WebContext, _ action: AuditAction = .caseRead(.page)
    ) async throws -> CaseContents {
        try await services.cases.contents(of: context.caseID(), for: context.requiredPrincipal, action)
    }

    /// The whole slides of a case, where there is something to show. A server that takes none tells of those that it took before.
    private func slides(of smearCase: SmearCase, _ context: WebContext) async throws -> SlideForm? {
        let (principal, whole) = (try context.requiredPrincipal, services.wholeSlides)
        let form = SlideForm(
            try await services.standing(of: services.slides.list(of: smearCase.id, for: principal)),
            of: smearCase.id, isOwner: whole != nil && principal.userID == smearCase.ownerID,
            registered: try await whole?.intake.registered(for: principal), quota: whole?.quota ?? SlideQuota(),
            text: pages.site.text)
        return form.isShown ? form : nil
    }

    private func ownContents(_ context: WebContext) async throws -> CaseContents {
        try await services.cases.ownContents(of: context.caseID(), for: context.requiredPrincipal)
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = CaseListQuery(request)
        let (found, total) = try await services.cases.list(
            matching: query.filter, after: query.cursor, limit: CaseListPage.size + 1, for: context.requiredPrincipal)
        let dependents = try await services.care.dependents(of: context.requiredPrincipal.userID)
        let page = CaseListPage(
            found, total: total, query: query, dependents: dependents, site: pages.site, context: context)
        return try pages.response(page, template: "cases")
    }

    private func compare(_ request: Request, _ context: WebContext) async throws -> Response {
        let parameters = request.uri.queryParameters
        // Two ticked boxes of a form without a script arrive as `case`, twice.
        let ticked = parameters.getAll("case")
        if !ticked.isEmpty {
            let ids = ticked.compactMap { CaseID($0) }
            guard ids.count == 2 else { throw WebError(.malformedRequest, "errors.cases.compare") }
            return Response.redirect(to: "/compare?a=\(ids[0])&b=\(ids[1])", type: .normal)
        }
        guard let a = parameters.get("a").flatMap({ CaseID($0) }), let b = parameters.get("b").flatMap({ CaseID($0) })
        else { throw WebError.nothingHere }
        let principal = try context.requiredPrincipal
        let sides = [
            try await services.cases.contents(of: a, for: principal, .caseRead(.compare)),
            try await services.cases.contents(of: b, for: principal, .caseRead(.compare)),
        ]
        return try pages.response(
            ComparePage(sides[0], sides[1], site: pages.site, context: context), template: "compare")
    }
}
