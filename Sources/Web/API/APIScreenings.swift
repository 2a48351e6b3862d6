import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import Screening
import ScreeningReports

/// Answers for programs, in every form.
struct APIScreenings: Sendable {
    let services: SiteServices
    let reports: ReportMaker

    @Sendable func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await found(context, .screeningRead(.page))
        return try APIAnswer.json(APIScreening(found, text: reports.text))
    }

    /// Puts a screening that failed into the queue again.
    @Sendable func again(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await services.cases.screenAgain(context.screeningID(), by: context.requiredPrincipal)
        services.intake.announceQueued(found.screening.caseID)
        return try APIAnswer.json(
            APIScreening(found, text: reports.text), status: .accepted,
            location: "/api/v1/screenings/\(found.screening.id)")
    }

    @Sendable func heatMap(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await found(context, .screeningPicture(.overlay))
        guard try found.finished.result.decision != .rejected else { throw Self.noHeatMap }
        return APIAnswer.file(try await services.archive.picture(.overlay, of: found), contentType: "image/png")
    }

    @Sendable func pdf(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await found(context, .screeningRead(.pdf))
        let cells = try await services.cells.galleryOfReport(of: found.screening.id, for: context.requiredPrincipal)
        return APIAnswer.file(
            try await reports.pdf(of: found, cells: cells, in: services.archive), contentType: "application/pdf",
            name: "screening-\(found.screening.id).pdf")
    }

    @Sendable func fhir(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await found(context, .screeningRead(.fhir))
        return APIAnswer.json(
            try reports.report(found).fhirR4(), cacheControl: "no-store", contentType: "application/fhir+json")
    }

    /// The screening that the path names, for somebody who may see it; written down.
    ///
    /// - Throws: `WebError.notFound`, `ClinicError.notFound`.
    private func found(_ context: WebContext, _ action: AuditAction) async throws -> ReadableScreening {
        try await services.cases.screening(context.screeningID(), for: context.requiredPrincipal, action)
    }

    private static var noHeatMap: WebError { WebError(.notFound, "errors.screenings.noHeatmap") }
}
