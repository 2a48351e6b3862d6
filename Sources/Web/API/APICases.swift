import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Cases for programs: list, make, read, delete.
struct APICases: Sendable {
    let services: SiteServices
    let reports: ReportMaker

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
        let (title, note) = (try body.text("title"), try body.optionalText("note") ?? "")
        let chosen = try body.optionalText("for")
        let key = try request.idempotencyKey.map {
            try RequestKey($0, of: ["case", title, note] + [chosen].compactMap { $0 })
        }
        let contents = try await services.cases.open(
            title: title, note: note, of: try chosen.map(Self.dependent), key: key, by: context.requiredPrincipal
        ).contents
        return try APIAnswer.json(
            APICase(contents), status: .created, location: "/api/v1/cases/\(contents.smearCase.id)")
    }

    @Sendable func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let contents = try await services.cases.contents(of: context.caseID(), for: context.requiredPrincipal)
        return try APIAnswer.json(APICase(contents))
    }

    private static func dependent(_ chosen: String) throws -> DependentID {
        guard let id = DependentID(chosen) else { throw ClinicError(.notFound, "errors.nothingHere") }
        return id
    }

    /// The people in the care of the token's owner, of whom a case may be.
    @Sendable func people(_ request: Request, _ context: WebContext) async throws -> Response {
        let entries = try await services.care.list(of: context.requiredPrincipal)
        return try APIAnswer.json(APIPeople(entries, now: services.clock()))
    }

    /// The case on paper.
    @Sendable func pdf(_ request: Request, _ context: WebContext) async throws -> Response {
        try await CaseFile.pdf(context, services: services, reports: reports)
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
