import Casework
import Clinic
import Crypto
import Findings
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Offloading
import Screening

/// The page of a stored screening, and its pictures.
struct ScreeningRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let reports: ReportMaker

    var routes: [Route] {
        [
            Route(.get, "/screenings/:id", .readerOfScreening) { request, context in try await page(request, context) },
            Route(.get, "/screenings/:id/pictures/:name", .readerOfScreening) { request, context in
                try await picture(request, context)
            },
            Route(.get, "/screenings/:id/report.pdf", .readerOfScreening) { _, context in
                let (id, reader) = (try context.screeningID(), try context.requiredPrincipal)
                let found = try await services.cases.screening(id, for: reader, .screeningRead(.pdf))
                let cells = try await services.cells.galleryOfReport(of: id, for: reader)
                return APIAnswer.file(
                    try await reports.pdf(of: found, cells: cells, in: services.archive),
                    contentType: "application/pdf",
                    name: "screening-\(found.screening.id).pdf")
            },
        ]
    }

    private func page(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.screeningID(), try context.requiredPrincipal)
        let (found, contents) = try await services.cases.screeningInCase(id, for: principal)
        guard let result = try found.screening.answer else {
            guard let smearCase = found.smearCase else { throw WebError.nothingHere }
            return Response.redirect(to: "/cases/\(smearCase.id)", type: .normal)
        }
        let isAnalytics = request.uri.queryParameters.get("tab") == "analytics"
        let stored = StoredResult(found, in: contents, isAnalytics: isAnalytics, text: pages.site.text)
        let analytics = isAnalytics ? try found.screening.analytics : nil
        let need = RecommendationRequest.Need(result.finding, read: found.readings.map(\.reading))
        let doctors = try await services.doctorsSection(
            for: found.isOwner && !isAnalytics ? need : nil, of: contents?.subject ?? found.subject,
            on: "/screenings/\(id)", request, context, text: pages.site.text)
        let page = ResultPage(
            result, readings: found.readings, pictures: ResultPictures(of: id, outcome: result),
            analytics: analytics.map { AnalyticsView($0, of: id, text: pages.site.text) },
            stored: stored, sentSHA256: found.image.sha256, doctors: doctors, standing: found.standing,
            site: pages.site, context: context)
        return try pages.response(page, template: "result")
    }

    /// The pictures hold health data, so the one cache that may keep them is the browser's, which asks each time before it shows
    /// one again: it is let see it, that is written down, and nothing is sent twice. At log-out they go (`SiteCookies.close`).
    /// They are never anything but images.
    private func picture(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let kind = PictureKind(name: try context.parameters.require("name")) else { throw WebError.nothingHere }
        let found = try await services.cases.screening(
            context.screeningID(), for: context.requiredPrincipal, .screeningPicture(kind))
        guard kind == .original || found.screening.state == .done else { throw WebError.nothingHere }
        let bytes = try await services.archive.picture(kind, of: found)
        let tag = try await Offloading.process.compute { "\"\(SHA256.hash(data: bytes).prefix(16).hexadecimal)\"" }
        var headers: HTTPFields = [.cacheControl: "private, no-cache", .eTag: tag]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        let isPNG = bytes.first == 0x89
        headers[.contentType] = isPNG ? "image/png" : "image/jpeg"
        headers[.contentDisposition] = "inline; filename=\"smear-\(found.image.number).\(isPNG ? "png" : "jpg")\""
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
