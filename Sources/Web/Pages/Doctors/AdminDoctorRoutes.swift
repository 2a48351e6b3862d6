import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Entries of the directory, for administrators: who waits, what they sent, and what is decided.
struct AdminDoctorRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let limits: UploadLimits
    /// Attempts of one address at what asks for the password.
    let limiter: RateLimiter

    private var directory: Directory { services.directory }
    private var text: TextCatalogue { pages.site.text }

    var routes: [Route] {
        [
            Route(.get, "/admin/doctors", .administrator, handler: list),
            Route(.get, "/admin/doctors/import", .administrator) { _, context in
                try pages.response(
                    AdminImportPage(nil, error: nil, site: pages.site, context: context),
                    template: "admin-import")
            },
            Route(
                .post, "/admin/doctors/import", .administrator, check: .upload, limiter: limiter, handler: importFile),
            Route(.get, "/admin/doctors/import/sample.csv", .administrator) { _, _ in Self.sample },
            Route(.get, "/admin/doctors/:id", .administrator) { request, context in
                try await page(context, notice: Route.notice(request, text))
            },
            // An account becomes a clinician's by it.
            Route(.post, "/admin/doctors/:id/approve", .administrator, limiter: limiter) { _, context in
                try await decide(context, "approved") {
                    try await directory.approve($0, by: try await services.confirm(context).userID)
                }
            },
            Route(.post, "/admin/doctors/:id/refuse", .administrator) { _, context in
                try await decide(context, "refused") {
                    try await directory.refuse(
                        $0, reason: context.form.trimmed("reason"), by: context.requiredPrincipal.userID)
                }
            },
            Route(.post, "/admin/doctors/:id/retire", .administrator) { _, context in
                try await decide(context, "retired") {
                    try await directory.retire(
                        $0, reason: context.form.trimmed("reason"), by: context.requiredPrincipal.userID)
                }
            },
            Route(.post, "/admin/doctors/:id/assign", .administrator, limiter: limiter) { _, context in
                try await decide(context, "assigned") { id in
                    let user = try await directory.account(email: context.form.trimmed("email"))
                    let administrator = try await services.confirm(context).userID
                    return try await directory.assign(id, to: user.id, by: .user(administrator))
                }
            },
            Route(.get, "/admin/documents/:id", .administrator) { _, context in try await document(context) },
        ]
    }

    /// A list to begin with.
    private static var sample: Response {
        let headers: HTTPFields = [
            .contentType: "text/csv; charset=utf-8",
            .contentDisposition: "attachment; filename=\"\(DirectorySample.fileName)\"",
        ]
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: DirectorySample.csv)))
    }

    /// Bytes of a list; longer ones go through the command line.
    private static let maximumListBytes = 16_000_000

    private func importFile(_ request: Request, _ context: WebContext) async throws -> Response {
        let upload = try await FormUpload.read(
            request, context: context, fileField: "file",
            limits: limits.letting(fileBytes: Self.maximumListBytes))
        let sent = AdminImportPage.Sent(
            isVerified: upload["verified"] != nil, isDryRun: upload["dry"] != nil)
        guard let file = upload.file, !file.isEmpty else {
            return try imported(nil, sent, error: text("admin.import.noFile"), context)
        }
        let list = services.directoryImport(
            .init(isVerified: sent.isVerified, isDryRun: sent.isDryRun), by: try context.requiredPrincipal.actor)
        do {
            return try imported(try await list.run(file), sent, error: nil, context)
        } catch let error as ClinicError where error.code == .invalid {
            return try imported(nil, sent, error: text(error), context)
        }
    }

    private func imported(
        _ result: (summary: DirectoryImport.Summary, refused: [DirectoryRow])?, _ sent: AdminImportPage.Sent,
        error: String?, _ context: WebContext
    ) throws -> Response {
        try pages.response(
            AdminImportPage(result, sent: sent, error: error, site: pages.site, context: context),
            template: "admin-import", status: error == nil ? .ok : .unprocessableContent)
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = AdminDoctorQuery(FormFields(query: request))
        let (doctors, counts) = try await directory.entries(
            query.status, search: query.search, limit: AdminDoctorQuery.pageSize + 1,
            offset: query.page * AdminDoctorQuery.pageSize)
        let page = AdminDoctorsPage(doctors, counts: counts, query: query, site: pages.site, context: context)
        return try pages.response(page, template: "admin-doctors")
    }

    private func page(
        _ context: WebContext, notice: String? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let entry = try await directory.entry(context.doctorID())
        let page = AdminDoctorPage(entry, notice: notice, error: error, site: pages.site, context: context)
        return try pages.response(
            page, template: "admin-doctor", status: error == nil ? .ok : .unprocessableContent)
    }

    private func decide(
        _ context: WebContext, _ notice: String, _ decision: (DoctorID) async throws -> Doctor
    ) async throws -> Response {
        let id = try context.doctorID()
        do {
            _ = try await decision(id)
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, error: error)
        }
        return Response.redirect(to: "/admin/doctors/\(id)?notice=\(notice)", type: .normal)
    }

    /// A paper as it was sent: shown in the browser, which may make nothing of it but what its type says.
    private func document(_ context: WebContext) async throws -> Response {
        let id = try context.documentID()
        let document = try await directory.document(id, by: context.requiredPrincipal.userID)
        let bytes = try await services.archive.bytes(at: document.archiveKey)
        let known = ["application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"]
        let ending = known[document.contentType]
        var headers: HTTPFields = [
            .contentType: ending == nil ? "application/octet-stream" : document.contentType,
            .cacheControl: "private, no-store", .xContentTypeOptions: "nosniff",
        ]
        // The sender's name for the file may hold anything; ours says as much as is needed.
        headers[.contentDisposition] =
            "\(ending == nil ? "attachment" : "inline"); filename=\"document-\(id.text.prefix(8)).\(ending ?? "bin")\""
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// Which entries to list.
struct AdminDoctorQuery: Sendable {
    static let pageSize = 50

    /// Nil for all.
    let status: Doctor.Status?
    let search: String
    let page: Int

    init(_ fields: FormFields) {
        let asked = fields["state"]
        status = asked == "all" ? nil : asked.flatMap(Doctor.Status.init(rawValue:)) ?? .pending
        search = String(fields.trimmed("search").prefix(100))
        page = min(100_000, max(0, fields["page"].flatMap { Int($0) } ?? 0))
    }

    func address(status: Doctor.Status?, page: Int = 0) -> String {
        var parts = ["state=\(status?.rawValue ?? "all")"]
        if !search.isEmpty { parts.append("search=\(search.asQueryValue)") }
        if page > 0 { parts.append("page=\(page)") }
        return AdminAddress.join("/admin/doctors", parts)
    }
}
