import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Screening

/// The page of a stored screening, and its pictures.
struct ScreeningRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    var routes: [Route] {
        [
            Route(.get, "/screenings/:id", .readerOfScreening) { request, context in try await page(request, context) },
            Route(.get, "/screenings/:id/pictures/:name", .readerOfScreening) { _, context in
                try await picture(context)
            },
        ]
    }

    private func page(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.screeningID(), try context.requiredPrincipal)
        let entry = AuditEntry("screening.read", by: principal.actor, object: id.text, at: services.clock())
        let (found, contents) = try await services.database.write { transaction in
            let found = try ReadableScreening(id, for: principal.user, in: transaction)
            try transaction.append(entry)
            return (found, try found.smearCase.map { try CaseContents($0, in: transaction) })
        }
        guard let result = try found.screening.answer else {
            guard let smearCase = found.smearCase else { throw WebError.nothingHere }
            return Response.redirect(to: "/cases/\(smearCase.id)", type: .normal)
        }
        let isAnalytics = request.uri.queryParameters.get("tab") == "analytics"
        let stored = StoredResult(found, in: contents, isAnalytics: isAnalytics, text: pages.site.text)
        let analytics = isAnalytics ? try found.screening.analytics : nil
        let need = RecommendationRequest.Need(result.finding)
        let doctors = try await services.doctorsSection(
            for: found.isOwner && !isAnalytics ? need : nil, on: "/screenings/\(id)", request, context,
            text: pages.site.text)
        let page = ResultPage(
            result, pictures: ResultPictures(of: id, outcome: result),
            analytics: analytics.map {
                AnalyticsView($0, text: pages.site.text) { "/screenings/\(id)/pictures/\($0)" }
            },
            stored: stored, sentSHA256: found.image.sha256, doctors: doctors, site: pages.site, context: context)
        return try pages.response(page, template: "result")
    }

    /// The pictures hold health data: no cache keeps them (OWASP ASVS 5.0, 14.3.2), and they are never anything but images.
    private func picture(_ context: WebContext) async throws -> Response {
        let name = try context.parameters.require("name")
        guard Self.isPictureName(name) else { throw WebError.nothingHere }
        let found = try await services.screening(
            context.screeningID(), for: context.requiredPrincipal, action: "screening.picture", detail: "name=\(name)")
        let key =
            name == "original" ? found.image.archiveKey : ArchiveKey.picture(name, of: found.screening.id)
        guard name == "original" || found.screening.state == .done else { throw WebError.nothingHere }
        let bytes = try await services.archive.bytes(at: key)
        let isPNG = key.hasSuffix(".png")
        var headers: HTTPFields = [
            .contentType: isPNG ? "image/png" : "image/jpeg", .cacheControl: "private, no-store",
            .xContentTypeOptions: "nosniff",
        ]
        headers[.contentDisposition] = "inline; filename=\"smear-\(found.image.number).\(isPNG ? "png" : "jpg")\""
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// `display.jpg`, `step-0.jpg` …, and `original` for the stored image.
    private static func isPictureName(_ name: String) -> Bool {
        if name == "original" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, ["jpg", "png"].contains(parts[1]), (1...40).contains(parts[0].utf8.count) else {
            return false
        }
        return parts[0].utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
}
