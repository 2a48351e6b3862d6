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
    let cookies: SiteCookies

    var routes: [Route] {
        [
            Route(.post, "/cases/:id/person", .ownerOfCase, handler: set),
            Route(.get, "/cases/:id/report.pdf", .readerOfWholeCase) { request, context in
                if cookies.hidesAnswers(in: request),
                    try await services.readings.isToSign(context.caseID(), by: context.requiredPrincipal.user)
                {
                    throw WebError(.conflict, "errors.readings.hidden")
                }
                return try await CaseFile.pdf(context, services: services, reports: reports)
            },
        ]
    }

    /// Stores what the form says; a value that is not accepted is told on the page with what was sent.
    @Sendable private func set(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
        let (stored, isInCare) = try await services.cases.person(of: id, by: principal)
        let known = stored?.facts
        do {
            var facts = try PersonForm.facts(context.form, known: known)
            if isInCare {
                // Not asked here: what was said of the case before stays, should it become the owner's own.
                (facts.birthYear, facts.ageYears, facts.sex) = (known?.birthYear, known?.ageYears, known?.sex)
            }
            try await services.cases.setPerson(facts, of: id, by: principal)
        } catch let error as ClinicError where error.field != nil {
            let contents = try await services.cases.ownContents(of: id, for: principal)
            let form = PersonForm(
                known, sent: context.form, error: error, isInCare: isInCare, text: pages.site.text)
            let page = CasePage(
                contents, pace: services.changes.secondsPerScreening, personForm: form, site: pages.site,
                context: context)
            return try pages.response(page, template: "case", status: Problem(error).httpStatus)
        }
        services.changes.publish(id)
        return Response.redirect(to: "/cases/\(id)", type: .normal)
    }
}

/// A case on paper, for those who may read it; written down.
enum CaseFile {
    /// - Throws: `ClinicError.notFound` for somebody who may not know of the case.
    static func pdf(_ context: WebContext, services: SiteServices, reports: ReportMaker) async throws -> Response {
        let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
        let contents = try await services.cases.contentsOfReport(of: id, for: principal)
        let cells = try await services.cells.galleryOfReport(of: id, for: principal.user)
        return APIAnswer.file(
            try await reports.pdf(of: contents, cells: cells, in: services.archive), contentType: "application/pdf",
            name: "case-\(contents.smearCase.id).pdf")
    }
}
