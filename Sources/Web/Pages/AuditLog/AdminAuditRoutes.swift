import Clinic
import Foundation
import HTTPTypes
import Hummingbird

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
            let (records, people) = try await services.database.read { transaction in
                guard let filter = try query.filter(in: transaction) else {
                    throw ClinicError(.invalid, "errors.audit.nobody", field: "person")
                }
                let records = try transaction.auditRecords(
                    matching: filter, before: query.before, limit: AuditQuery.pageSize + 1)
                return (records, try Self.people(in: records, transaction))
            }
            let page = AdminAuditPage(
                records, people: people, query: query, proof: proof, site: pages.site, context: context)
            return try pages.response(page, template: "admin-audit")
        } catch let error as ClinicError where error.field != nil {
            let page = AdminAuditPage(
                [], people: [:], query: query, alert: pages.site.text(error), site: pages.site, context: context)
            return try pages.response(page, template: "admin-audit", status: .unprocessableContent)
        }
    }

    private static func people(
        in records: [AuditRecord], _ transaction: any ClinicTransaction
    ) throws -> [UserID: String] {
        var people: [UserID: String] = [:]
        for record in records {
            let id: UserID? =
                switch record.entry.actor {
                case .user(let id), .token(_, owner: let id): id
                case .system, .anonymous: nil
                }
            if let id, people[id] == nil { people[id] = try transaction.user(id)?.email }
        }
        return people
    }

    /// The filtered part as it was when it was asked for, newest first, streamed page by page.
    private func export(_ request: Request, _ context: WebContext) async throws -> Response {
        let fields = FormFields(query: request)
        let query = AuditQuery(fields)
        guard let format = AuditExport(rawValue: fields["format"] ?? "csv") else { throw WebError.nothingHere }
        let entry = AuditEntry(
            "audit.export", by: try context.requiredPrincipal.actor,
            detail: "format=\(format.rawValue) \(query.summary)".trimmingCharacters(in: .whitespaces),
            at: services.clock())
        let (filter, head) = try await services.database.write { transaction in
            guard let filter = try query.filter(in: transaction) else {
                throw ClinicError(.invalid, "errors.audit.nobody", field: "person")
            }
            let head = try transaction.auditHead().sequence
            try transaction.append(entry)
            return (filter, head)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: format.contentType, .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"audit.\(format.rawValue)\"",
            ],
            body: ResponseBody { [database = services.database] writer in
                try await writer.write(ByteBuffer(string: format.head))
                var before = head + 1
                while true {
                    let last = before
                    let page = try await database.read {
                        try $0.auditRecords(matching: filter, before: last, limit: AuditExport.pageSize)
                    }
                    try await writer.write(ByteBuffer(string: try page.map(format.line).joined()))
                    guard page.count == AuditExport.pageSize, let end = page.last?.sequence else { break }
                    before = end
                }
                try await writer.finish(nil)
            })
    }
}
