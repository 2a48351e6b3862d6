import Casework
import Clinic
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
        let found = try await found(context, action: "screening.read")
        return try APIAnswer.json(APIScreening(found.screening, of: found.image, text: reports.text))
    }

    @Sendable func heatMap(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await found(context, action: "screening.picture", detail: "heatmap")
        guard try found.finished.result.decision != .rejected else { throw Self.noHeatMap }
        let key = ArchiveKey.picture("overlay.png", of: found.screening.id)
        return APIAnswer.file(try await services.archive.bytes(at: key), contentType: "image/png")
    }

    @Sendable func pdf(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await found(context, action: "screening.read", detail: "pdf")
        let report = try reports.report(found)
        let picture = try await services.archive.bytes(at: ArchiveKey.picture("display.jpg", of: found.screening.id))
        var heatMap: [UInt8]?
        if try found.finished.result.decision != .rejected {
            heatMap = try await services.archive.bytes(at: ArchiveKey.picture("overlay.png", of: found.screening.id))
        }
        let bytes = try await reports.printer.pdf(of: report, picture: picture, heatMap: heatMap)
        return APIAnswer.file(
            bytes, contentType: "application/pdf", name: "screening-\(found.screening.id).pdf")
    }

    @Sendable func fhir(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await found(context, action: "screening.read", detail: "fhir")
        return APIAnswer.json(
            try reports.report(found).fhirR4(), cacheControl: "no-store", contentType: "application/fhir+json")
    }

    /// The screening that the path names, for somebody who may see it; written down.
    ///
    /// - Throws: `WebError.notFound`, `ClinicError.notFound`.
    private func found(_ context: WebContext, action: String, detail: String = "") async throws -> ReadableScreening {
        try await services.screening(
            context.screeningID(), for: context.requiredPrincipal, action: action, detail: detail)
    }

    private static var noHeatMap: WebError {
        WebError(.notFound, "The image was declined: no class is named, so there is no heat map of one.")
    }
}
