import Clinic
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// The record of breaches and of requests, for administrators.
struct AdminPrivacyRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let limiter: RateLimiter

    var routes: [Route] {
        [
            Route(.get, "/admin/privacy", .administrator) { request, context in
                try await page(
                    context, onlyOpen: FormFields(query: request)["open"] == "1",
                    notice: Route.notice(request, pages.site.text))
            },
            Route(.post, "/admin/privacy", .administrator, handler: record),
            Route(.post, "/admin/privacy/:id/settle", .administrator, handler: settle),
            Route(.get, "/admin/privacy/export", .administrator, limiter: limiter, handler: export),
        ]
    }

    private func page(
        _ context: WebContext, onlyOpen: Bool = false, settling id: PrivacyRecordID? = nil,
        error: ClinicError? = nil, notice: String? = nil
    ) async throws -> Response {
        let page = AdminPrivacyPage(
            try await services.privacy.records(onlyOpen: onlyOpen), onlyOpen: onlyOpen, now: services.clock(),
            settling: id, error: error, notice: notice, site: pages.site, context: context)
        return try pages.response(
            page, template: "admin-privacy", status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    @Sendable private func record(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = context.form
        do {
            guard let kind = PrivacyRecord.Kind(rawValue: form.trimmed("kind")) else {
                throw ClinicError(.invalid, "errors.privacy.kind", field: "kind")
            }
            _ = try await services.privacy.record(
                kind, knownAt: try Self.moment(form.trimmed("knownAt")), note: form["note"] ?? "",
                by: context.requiredPrincipal.actor)
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, error: error)
        }
        return Response.redirect(to: "/admin/privacy?notice=recorded", type: .normal)
    }

    /// A moment as browsers send it, in UTC (HTML, `datetime-local`); nil for none.
    private static func moment(_ typed: String) throws -> Date? {
        guard !typed.isEmpty else { return nil }
        do {
            return try Date(typed.count == 16 ? "\(typed):00Z" : "\(typed)Z", strategy: .iso8601)
        } catch {
            throw ClinicError(.invalid, "errors.privacy.moment", field: "knownAt")
        }
    }

    @Sendable private func settle(_ request: Request, _ context: WebContext) async throws -> Response {
        let id: PrivacyRecordID = try context.identifier()
        do {
            try await services.privacy.settle(
                id, settlement: context.form["settlement"] ?? "", by: context.requiredPrincipal.actor)
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, settling: id, error: error)
        }
        return Response.redirect(to: "/admin/privacy?notice=settled", type: .normal)
    }

    /// The whole record as a table, which is written down.
    @Sendable private func export(_ request: Request, _ context: WebContext) async throws -> Response {
        let now = services.clock()
        let rows = try await services.privacy.records(
            onlyOpen: false, forExport: true, by: context.requiredPrincipal.actor
        ).map { $0.fields(at: now).map(CSV.plain) }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"privacy.csv\"",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: CSV.table([PrivacyRecord.columns] + rows))))
    }
}

/// Breaches and requests with when they are due, the form for a new one, and one to settle each.
struct AdminPrivacyPage: Sendable {
    struct Row: Sendable {
        let kind: String
        let state: String
        let isOverdue: Bool
        let known: PageTime
        let due: PageTime
        let note: String
        /// When it was settled; nil while it is open.
        let settled: PageTime?
        let settlement: String
        let settleAddress: String
        let fieldID: String
        /// What was typed and not accepted.
        let typed: String
        let error: String?
        let isOpen: Bool
    }

    let admin: AdminPage
    let frame: PageFrame
    let rows: [Row]
    let onlyOpen: Bool
    let kinds: [FormOption]
    let known: FormField
    let note: String
    let noteError: String?
    let kindError: String?
    let longest: Int

    init(
        _ records: [PrivacyRecord], onlyOpen: Bool, now: Date, settling: PrivacyRecordID?, error: ClinicError?,
        notice: String?, site: Site, context: WebContext
    ) {
        let (text, form) = (site.text, context.form)
        admin = AdminPage(.privacy, site: site, context: context, notice: notice)
        frame = admin.frame
        self.onlyOpen = onlyOpen
        // What waits longest stands first; what is settled comes after it, the newest first.
        let open = records.filter { $0.settledAt == nil }.sorted { $0.dueAt < $1.dueAt }
        let settled = records.filter { $0.settledAt != nil }.reversed()
        rows = (open + settled).map { record in
            let isTyped = record.id == settling
            return Row(
                kind: text("admin.privacy.kinds.\(record.kind.rawValue)"),
                state: text("admin.privacy.states.\(record.state(at: now))"), isOverdue: record.isOverdue(at: now),
                known: PageTime(record.knownAt), due: PageTime(record.dueAt), note: record.note,
                settled: record.settledAt.map { PageTime($0) }, settlement: record.settlement,
                settleAddress: "/admin/privacy/\(record.id)/settle", fieldID: "settlement-\(record.id)",
                typed: isTyped ? form["settlement"] ?? "" : "", error: isTyped ? text(error, at: "settlement") : nil,
                isOpen: isTyped)
        }
        let isNew = settling == nil && error != nil
        let kind = isNew ? form.trimmed("kind") : PrivacyRecord.Kind.breach.rawValue
        kinds = PrivacyRecord.Kind.allCases.map {
            FormOption(
                value: $0.rawValue, name: text("admin.privacy.kinds.\($0.rawValue)"), isChosen: $0.rawValue == kind)
        }
        known = FormField(
            "knownAt", text: text, words: "admin.privacy", type: "datetime-local",
            value: isNew ? form.trimmed("knownAt") : "", isRequired: false, maximumLength: 20,
            error: isNew ? error : nil)
        note = isNew ? form["note"] ?? "" : ""
        noteError = isNew ? text(error, at: "note") : nil
        kindError = isNew ? text(error, at: "kind") : nil
        longest = PrivacyRegister.longestNote
    }
}
