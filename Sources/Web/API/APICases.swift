import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Cases for programs: list, make, read, delete.
struct APICases: Sendable {
    let services: SiteServices

    /// Cases on a page of the list.
    static let pageSizes = 1...100
    private static let bodyBytes = 65_536

    @Sendable func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let query = try CaseQuery(request.uri.queryParameters)
        let entry = AuditEntry("case.list", by: principal.actor, at: services.clock())
        let found = try await services.database.write { transaction in
            try transaction.append(entry)
            return try transaction.cases(
                of: principal.userID, matching: query.filter, after: query.after, limit: query.limit + 1)
        }
        let page = found.prefix(query.limit)
        let next = found.count > query.limit ? page.last.map { CaseQuery.text(after: $0.smearCase) } : nil
        return try APIAnswer.json(APICaseList(cases: page.map(APICaseSummary.init), next: next))
    }

    @Sendable func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let body = try await JSONBody(request, upTo: Self.bodyBytes)
        let now = services.clock()
        let smearCase = SmearCase(
            ownerID: principal.userID, title: try SmearCase.title(body.text("title")),
            note: try SmearCase.note(body.optionalText("note") ?? ""), createdAt: now, updatedAt: now)
        let entry = AuditEntry("case.create", by: principal.actor, object: smearCase.id.text, at: now)
        let contents = try await services.database.write { transaction in
            try transaction.insert(smearCase)
            try transaction.append(entry)
            return try CaseContents(smearCase, in: transaction)
        }
        return try APIAnswer.json(
            APICase(contents), status: .created, location: "/api/v1/cases/\(smearCase.id)")
    }

    @Sendable func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let contents = try await services.contents(of: context.caseID(), for: context.requiredPrincipal)
        return try APIAnswer.json(APICase(contents))
    }

    @Sendable func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let id = try context.caseID()
        let removal = CaseRemoval(database: services.database, archive: services.archive, clock: services.clock)
        try await removal.removeCase(id, of: principal.user, by: principal.actor)
        services.changes.publish(id)
        return Response(status: .noContent)
    }
}
