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
    private let removal: CaseRemoval

    /// Streams that one person may have open: one a page that follows a case.
    private static let maximumStreams = 8

    init(services: SiteServices, pages: PageRenderer, limits: ImageUpload.Limits, limiter: RateLimiter) {
        self.services = services
        self.pages = pages
        self.limiter = limiter
        intake = CaseIntake(services: services, limits: limits, text: pages.site.text)
        events = CaseEvents(services: services, streams: OpenStreams(maximumPerPerson: Self.maximumStreams))
        removal = CaseRemoval(database: services.database, archive: services.archive, clock: services.clock)
    }

    var routes: [Route] { listRoutes + caseRoutes + changeRoutes + removalRoutes }

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
                    for: isOwner ? RecommendationRequest.Need(contents.verdict.kind) : nil,
                    on: "/cases/\(contents.smearCase.id)", request, context, text: pages.site.text)
                let page = CasePage(
                    contents, pace: services.changes.secondsPerScreening, refused: refused, doctors: doctors,
                    site: pages.site, context: context)
                return try pages.response(page, template: "case")
            },
            Route(.get, "/cases/:id/print", .readerOfCase) { _, context in
                let contents = try await contents(context, action: "case.print")
                let page = CasePage(contents, pace: nil, site: pages.site, context: context)
                return try pages.response(page, template: "case-print")
            },
            Route(.get, "/cases/:id/status", .readerOfCase) { _, context in
                let contents = try await contents(context, detail: "status")
                let status = CaseStatus(contents, pace: services.changes.secondsPerScreening)
                return try Self.json(status.json())
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
                try await rename(id, context)
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
                try await removal.removeCase(id, of: principal.user, by: principal.actor)
                services.changes.publish(id)
                return Response.redirect(to: "/cases", type: .normal)
            },
            Route(.get, "/cases/:id/images/:image/delete", .ownerOfCase) { _, context in
                let contents = try await ownContents(context)
                guard let entry = contents.entries.first(where: { $0.image.id.text == context.parameters.get("image") })
                else { throw WebError.nothingHere }
                return try pages.response(
                    DeletePage(contents, image: entry.image, site: pages.site, context: context),
                    template: "case-delete")
            },
            Route(.post, "/cases/:id/images/:image/delete", .ownerOfCase) { _, context in
                let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
                guard let image = context.parameters.get("image").flatMap({ ImageID($0) }) else {
                    throw WebError.nothingHere
                }
                try await removal.removeImage(image, in: id, of: principal.user, by: principal.actor)
                services.changes.publish(id)
                return Response.redirect(to: "/cases/\(id)", type: .normal)
            },
        ]
    }
}

extension CaseRoutes {
    private func contents(
        _ context: WebContext, action: String = "case.read", detail: String = ""
    ) async throws -> CaseContents {
        try await services.contents(
            of: context.caseID(), for: context.requiredPrincipal, action: action, detail: detail)
    }

    /// As `contents`, for the owner alone.
    private func ownContents(_ context: WebContext) async throws -> CaseContents {
        let contents = try await contents(context)
        guard try context.requiredPrincipal.userID == contents.smearCase.ownerID else { throw WebError.nothingHere }
        return contents
    }

    private func rename(_ id: CaseID, _ context: WebContext) async throws {
        let principal = try context.requiredPrincipal
        let title = try SmearCase.title(context.form["title"] ?? "")
        let note = try SmearCase.note(context.form["note"] ?? "")
        let now = services.clock()
        try await services.database.write { transaction in
            var smearCase = try CaseAccess.owned(id, by: principal.user, in: transaction)
            smearCase.title = title
            smearCase.note = note
            smearCase.updatedAt = now
            try transaction.update(smearCase)
            try transaction.append(AuditEntry("case.update", by: principal.actor, object: id.text, at: now))
        }
        services.changes.publish(id)
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = CaseListQuery(request)
        let principal = try context.requiredPrincipal
        let entry = AuditEntry(
            "case.list", by: principal.actor, object: principal.userID.text, at: services.clock())
        let (found, total) = try await services.database.write { transaction in
            let found = try transaction.cases(
                of: principal.userID, matching: query.filter, after: query.cursor, limit: CaseListPage.size + 1)
            try transaction.append(entry)
            return (found, try transaction.countCases(of: principal.userID))
        }
        let page = CaseListPage(found, total: total, query: query, site: pages.site, context: context)
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
            try await services.contents(of: a, for: principal, detail: "compare"),
            try await services.contents(of: b, for: principal, detail: "compare"),
        ]
        return try pages.response(
            ComparePage(sides[0], sides[1], site: pages.site, context: context), template: "compare")
    }

    static func json(_ body: String, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}
