import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// The people in somebody's care.
struct PeopleRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    var routes: [Route] {
        [
            Route(.get, "/people", .user) { request, context in
                try await list(context, notice: Self.notice(request))
            },
            Route(.post, "/people", .user, handler: add),
            Route(.get, "/people/:id", .user) { request, context in
                try await page(context, notice: Self.notice(request))
            },
            Route(.post, "/people/:id", .user, handler: change),
            Route(.post, "/people/:id/consent", .user, handler: answer),
            Route(.get, "/people/:id/remove", .user) { _, context in try await removal(context) },
            Route(.post, "/people/:id/remove", .user, handler: remove),
            Route(.post, "/cases/:id/for", .ownerOfCase) { _, context in
                let (id, owner) = (try context.caseID(), try context.requiredPrincipal)
                let chosen = try SubjectChoice.dependent(context.form["for"])
                try await services.care.setSubject(chosen, of: id, by: owner)
                services.changes.publish(id)
                return Response.redirect(to: "/cases/\(id)", type: .normal)
            },
        ]
    }

    private static let notices = ["added", "saved", "removed", "given", "withdrawn"]

    private static func notice(_ request: Request) -> String? {
        FormFields(query: request)["notice"].flatMap { notices.contains($0) ? "care.notices.\($0)" : nil }
    }

    // MARK: All of them

    private func list(
        _ context: WebContext, error: ClinicError? = nil, notice: String? = nil
    ) async throws -> Response {
        let page = PeoplePage(
            try await services.care.list(of: context.requiredPrincipal), sent: error == nil ? nil : context.form,
            error: error, notice: notice.map { pages.site.text($0) }, now: services.clock(), site: pages.site,
            context: context)
        return try pages.response(
            page, template: "people", status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    @Sendable private func add(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            let words = ConsentWords(pages.site)
            _ = try await services.care.add(
                DependentForm.facts(context.form), consent: context.form["consent"] == nil ? nil : words.ofGuardian,
                by: context.requiredPrincipal)
        } catch let error as ClinicError where error.field != nil {
            return try await list(context, error: error)
        }
        return Response.redirect(to: "/people?notice=added", type: .normal)
    }

    // MARK: One of them

    private func page(
        _ context: WebContext, error: ClinicError? = nil, notice: String? = nil
    ) async throws -> Response {
        let (entry, cases) = try await services.care.entry(context.identifier(), for: context.requiredPrincipal)
        let page = DependentPage(
            entry, cases: cases, sent: error == nil ? nil : context.form, error: error,
            notice: notice.map { pages.site.text($0) }, now: services.clock(), site: pages.site, context: context)
        return try pages.response(
            page, template: "person", status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    @Sendable private func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let id: DependentID = try context.identifier()
        // Whoever may not know of them learns nothing from what the form lacks.
        _ = try await services.care.entry(id, for: context.requiredPrincipal)
        do {
            try await services.care.change(
                id, to: DependentForm.facts(context.form), by: context.requiredPrincipal)
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, error: error)
        }
        return Response.redirect(to: "/people/\(id)?notice=saved", type: .normal)
    }

    @Sendable private func answer(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal): (DependentID, Principal) = (try context.identifier(), try context.requiredPrincipal)
        let isGiven = context.form["answer"] == "given"
        try await services.consents.answer(
            isGiven ? .given : .withdrawn, for: id, to: ConsentWords(pages.site).ofGuardian,
            of: principal.userID, by: principal.actor)
        return Response.redirect(to: "/people/\(id)?notice=\(isGiven ? "given" : "withdrawn")", type: .normal)
    }

    private func removal(_ context: WebContext, error: ClinicError? = nil) async throws -> Response {
        let principal = try context.requiredPrincipal
        let (entry, cases) = try await services.care.entry(context.identifier(), for: principal)
        let page = RemoveDependentPage(
            entry, cases: cases, others: try await services.care.dependents(of: principal.userID),
            sent: error == nil ? nil : context.form, error: error, site: pages.site, context: context)
        return try pages.response(
            page, template: "person-remove", status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    /// Removes somebody, and nothing of theirs without a word about it.
    @Sendable private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal): (DependentID, Principal) = (try context.identifier(), try context.requiredPrincipal)
        do {
            switch context.form.trimmed("cases") {
            case "": try await services.care.remove(id, movingCases: nil, by: principal)
            case "owner": try await services.care.remove(id, movingCases: .toOwner, by: principal)
            case "delete":
                _ = try await services.care.entry(id, for: principal)
                guard context.form["sure"] != nil else {
                    throw ClinicError(.invalid, "errors.care.sure", field: "cases")
                }
                try await services.removal.removeDependent(id, by: principal)
            case let other:
                guard let other = try SubjectChoice.dependent(other) else { break }
                try await services.care.remove(id, movingCases: .to(other), by: principal)
            }
        } catch let error as ClinicError where error.field != nil {
            return try await removal(context, error: error)
        }
        return Response.redirect(to: "/people?notice=removed", type: .normal)
    }
}
