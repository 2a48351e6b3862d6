import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// The audit log, for administrators.
struct AdminAuditRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let limiter: RateLimiter

    var routes: [Route] {
        [
            Route(.get, "/admin/audit", .administrator) { request, context in
                try await page(AuditQuery(FormFields(query: request)), context)
            },
            Route(.get, "/admin/audit/export", .administrator, limiter: limiter, handler: export),
            // Reads the whole log, so that it is asked for by a form and not by following a link.
            Route(.post, "/admin/audit/verify", .administrator, limiter: limiter) { _, context in
                try await page(AuditQuery(FormFields()), context, proof: services.proveAudit())
            },
        ]
    }

    private func page(
        _ query: AuditQuery, _ context: WebContext, proof: AuditProof? = nil
    ) async throws -> Response {
        do {
            let (records, people) = try await services.auditLog.page(
                query.filter, of: query.person, before: query.before, limit: AuditQuery.pageSize + 1,
                by: context.requiredPrincipal.actor)
            let page = AdminAuditPage(
                records, people: people, query: query, proof: proof, site: pages.site, context: context)
            return try pages.response(page, template: "admin-audit")
        } catch let error as ClinicError where error.field != nil {
            let page = AdminAuditPage(
                [], people: [:], query: query, alert: pages.site.text(error), site: pages.site, context: context)
            return try pages.response(page, template: "admin-audit", status: .unprocessableContent)
        }
    }

    /// The filtered part as it was when it was asked for, newest first, streamed page by page.
    private func export(_ request: Request, _ context: WebContext) async throws -> Response {
        let fields = FormFields(query: request)
        let query = AuditQuery(fields)
        guard let format = AuditExport(rawValue: fields["format"] ?? "csv") else { throw WebError.nothingHere }
        let begun = try await services.auditLog.export(
            query.filter, of: query.person,
            detail: "format=\(format.rawValue) \(query.summary)".trimmingCharacters(in: .whitespaces),
            by: context.requiredPrincipal.actor)
        return Response(
            status: .ok,
            headers: [
                .contentType: format.contentType, .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"audit.\(format.rawValue)\"",
            ],
            body: ResponseBody { [log = services.auditLog] writer in
                try await writer.write(ByteBuffer(string: format.head))
                var before = begun.before
                while true {
                    let page = try await log.records(
                        matching: begun.filter, before: before, limit: AuditExport.pageSize)
                    try await writer.write(ByteBuffer(string: try page.map(format.line).joined()))
                    guard page.count == AuditExport.pageSize, let end = page.last?.sequence else { break }
                    before = end
                }
                try await writer.finish(nil)
            })
    }
}
