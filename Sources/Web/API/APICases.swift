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
        let found = try await services.cases.list(
            matching: query.filter, after: query.after, limit: query.limit + 1, for: principal
        ).found
        let page = found.prefix(query.limit)
        let next = found.count > query.limit ? page.last.map { CaseCursor(after: $0.smearCase).text } : nil
        return try APIAnswer.json(APICaseList(cases: page.map(APICaseSummary.init), next: next))
    }

    @Sendable func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await JSONBody(request, upTo: Self.bodyBytes)
        let contents = try await services.cases.open(
            title: body.text("title"), note: body.optionalText("note") ?? "", by: context.requiredPrincipal
        ).contents
        return try APIAnswer.json(
            APICase(contents), status: .created, location: "/api/v1/cases/\(contents.smearCase.id)")
    }

    @Sendable func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let contents = try await services.cases.contents(of: context.caseID(), for: context.requiredPrincipal)
        return try APIAnswer.json(APICase(contents))
    }

    /// Says whose sample the case holds; an empty object takes that away.
    @Sendable func setPerson(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
        try await services.cases.requireOwner(principal, of: id)
        let facts = try await JSONBody(request, upTo: Self.bodyBytes).decoded(as: Person.Facts.self)
        let person = try await services.cases.setPerson(facts, of: id, by: principal)
        services.changes.publish(id)
        return try APIAnswer.json(person?.facts ?? Person.Facts())
    }

    @Sendable func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let id = try context.caseID()
        try await services.removal.removeCase(id, of: principal.user, by: principal.actor)
        services.changes.publish(id)
        return Response(status: .noContent)
    }
}
