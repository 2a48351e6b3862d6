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
            Route(.get, "/screenings/:id", .readerOfCase) { request, context in try await page(request, context) },
            Route(.get, "/screenings/:id/pictures/:name", .readerOfCase) { _, context in
                try await picture(context)
            },
        ]
    }

    private func page(_ request: Request, _ context: WebContext) async throws -> Response {
        let (entry, contents) = try await find(context, action: "screening.read")
        guard let outcome = entry.screening.outcome, let result = CaseCard.result(outcome) else {
            return Response.redirect(to: "/cases/\(contents.smearCase.id)", type: .normal)
        }
        let isAnalytics = request.uri.queryParameters.get("tab") == "analytics"
        let stored = StoredResult(entry, in: contents, isAnalytics: isAnalytics, text: pages.site.text)
        let page = ResultPage(
            result, pictures: ResultPictures(of: entry.screening.id, outcome: outcome),
            analytics: isAnalytics ? analytics(of: entry.screening.id, outcome) : nil, stored: stored, site: pages.site,
            context: context)
        return try pages.response(page, template: "result")
    }

    /// How the stored answer came about; nil where this version cannot read it.
    private func analytics(of id: ScreeningID, _ outcome: ScreeningOutcome) -> AnalyticsView? {
        do {
            let analytics = try JSONDecoder().decode(ScreeningAnalytics.self, from: Data(outcome.analyticsJSON.utf8))
            return AnalyticsView(analytics, text: pages.site.text) { "/screenings/\(id)/pictures/\($0)" }
        } catch {
            return nil
        }
    }

    /// The pictures hold health data: no cache keeps them (OWASP ASVS 5.0, 14.3.2), and they are never anything but images.
    private func picture(_ context: WebContext) async throws -> Response {
        let name = try context.parameters.require("name")
        guard Self.isPictureName(name) else { throw WebError.nothingHere }
        let (entry, _) = try await find(context, action: "screening.picture", detail: "name=\(name)")
        let key =
            name == "original" ? entry.image.archiveKey : ArchiveKey.picture(name, of: entry.screening.id)
        guard name == "original" || entry.screening.state == .done else { throw WebError.nothingHere }
        let bytes = try await services.archive.bytes(at: key)
        let isPNG = key.hasSuffix(".png")
        var headers: HTTPFields = [
            .contentType: isPNG ? "image/png" : "image/jpeg", .cacheControl: "private, no-store",
            .xContentTypeOptions: "nosniff",
        ]
        headers[.contentDisposition] = "inline; filename=\"smear-\(entry.image.number).\(isPNG ? "png" : "jpg")\""
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

    /// The screening that the path names with its case, for somebody who may see it; written down in the audit log.
    private func find(
        _ context: WebContext, action: String, detail: String = ""
    ) async throws -> (CaseContents.Entry, CaseContents) {
        guard let id = context.parameters.get("id").flatMap({ ScreeningID($0) }) else { throw WebError.nothingHere }
        let principal = try context.requiredPrincipal
        let entry = AuditEntry(action, by: principal.actor, object: id.text, detail: detail, at: services.clock())
        return try await services.database.write { transaction in
            guard let screening = try transaction.screening(id) else { throw WebError.nothingHere }
            let smearCase = try CaseAccess.readable(screening.caseID, by: principal.user, in: transaction)
            let contents = try CaseContents(smearCase, in: transaction)
            guard let found = contents.entries.first(where: { $0.screening.id == id }) else {
                throw WebError.nothingHere
            }
            try transaction.append(entry)
            return (found, contents)
        }
    }
}
