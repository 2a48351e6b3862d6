import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Whose sample a case holds, and the case on paper.
struct CasePersonRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let reports: ReportMaker

    var routes: [Route] {
        [
            Route(.post, "/cases/:id/person", .ownerOfCase, handler: set),
            Route(.get, "/cases/:id/report.pdf", .readerOfCase) { _, context in
                let contents = try await services.cases.contents(
                    of: context.caseID(), for: context.requiredPrincipal, .smearCase(.pdf))
                return APIAnswer.file(
                    try await reports.pdf(of: contents), contentType: "application/pdf",
                    name: "case-\(contents.smearCase.id).pdf")
            },
        ]
    }

    /// Stores what the form says; a value that is not accepted is told on the page with what was sent.
    @Sendable private func set(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
        let contents = try await services.cases.ownContents(of: id, for: principal)
        do {
            let facts = try PersonForm.facts(context.form, known: contents.person?.facts)
            try await services.cases.setPerson(facts, of: id, by: principal)
        } catch let error as ClinicError where error.field != nil {
            let form = PersonForm(contents.person?.facts, sent: context.form, error: error, text: pages.site.text)
            let page = CasePage(
                contents, pace: services.changes.secondsPerScreening, personForm: form, site: pages.site,
                context: context)
            return try pages.response(page, template: "case", status: Problem(error).httpStatus)
        }
        services.changes.publish(id)
        return Response.redirect(to: "/cases/\(id)", type: .normal)
    }
}
