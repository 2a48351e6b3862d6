import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// The gallery of cells, its changes and its count; and how readers agree with the network, for administrators.
struct CellRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let cookies: SiteCookies

    var routes: [Route] {
        [
            Route(.get, "/screenings/:id/cells", .readerOfScreening) { request, context in
                try await page(.image(try context.screeningID()), request, context)
            },
            Route(.get, "/cases/:id/cells", .readerOfCells) { request, context in
                try await page(try Self.scope(FormFields(query: request), context), request, context)
            },
            Route(.get, "/cases/:id/cells.csv", .readerOfCells) { request, context in
                try await csv(request, context)
            },
            Route(.post, "/cases/:id/cells", .readerOfCells, handler: change),
            Route(.get, "/admin/cells", .administrator) { _, context in
                let counts = try await services.cells.agreement(by: context.requiredPrincipal.actor)
                return try pages.response(
                    CellAgreementPage(counts, site: pages.site, context: context), template: "admin-cells")
            },
        ]
    }

    private static let notices = ["moved", "undone", "confirmed", "same"]

    /// The case of the path, and the images that a form or a query names.
    private static func scope(_ fields: FormFields, _ context: WebContext) throws -> CellGallery.Scope {
        let named = fields.all("screening")
        let chosen = named.compactMap { ScreeningID($0) }
        guard chosen.count == named.count else { throw WebError.nothingHere }
        return .smearCase(try context.caseID(), chosen: Set(chosen))
    }

    private func page(
        _ scope: CellGallery.Scope, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let query = FormFields(query: request)
        let notice = query["notice"].flatMap { Self.notices.contains($0) ? $0 : nil }
        let gallery = try await services.cells.gallery(
            of: scope, for: context.requiredPrincipal, isBlind: cookies.hidesAnswers(in: request))
        let page = CellsPage(
            gallery, of: scope, showing: query["cell"].flatMap { CellKey($0) },
            notice: notice.map { pages.site.text("cells.notices.\($0)") }, site: pages.site, context: context)
        return try pages.response(page, template: "cells")
    }

    private func csv(_ request: Request, _ context: WebContext) async throws -> Response {
        let gallery = try await services.cells.gallery(
            of: Self.scope(FormFields(query: request), context), for: context.requiredPrincipal,
            isBlind: cookies.hidesAnswers(in: request))
        return CellAnswer.csv(try gallery.shown, text: pages.site.text)
    }

    /// Moves cells, takes back, or confirms, as the pressed button says.
    @Sendable private func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let (form, principal, cells) = (context.form, try context.requiredPrincipal, services.cells)
        let scope = try Self.scope(form, context)
        try await cells.requireReader(principal, of: scope)
        let gallery: CellGallery
        let notice: String
        switch form["action"] {
        case "undo":
            gallery = try await cells.undo(in: scope, by: principal)
            notice = "undone"
        case "confirm":
            gallery = try await cells.confirm(scope, digest: form["digest"] ?? "", by: principal)
            notice = "confirmed"
        default:
            let keys = form.all("cell").compactMap { CellKey($0) }
            guard let type = form["to"].flatMap({ CellType(rawValue: $0) }), keys.count == form.all("cell").count else {
                throw ClinicError(.invalid, "errors.cells.type", field: "to")
            }
            let (after, act) = try await cells.move(keys, to: type, in: scope, by: principal)
            gallery = after
            notice = act == nil ? "same" : "moved"
        }
        if request.asksForJSON { return try APIAnswer.json(CellScriptAnswer(gallery, text: pages.site.text)) }
        let back = OwnPath.checked(form["back"], otherwise: "/cases/\(gallery.caseID)/cells")
        return Response.redirect(to: "\(back)\(back.contains("?") ? "&" : "?")notice=\(notice)", type: .normal)
    }
}

/// What the script of the gallery is told after a change.
struct CellScriptAnswer: Encodable, Sendable {
    struct Row: Encodable, Sendable {
        let name, count, percent, interval, network: String
    }

    /// The type of every cell by its key.
    let types: [String: String]
    /// The keys of the cells whose type a reader changed.
    let changed: [String]
    let blasts: String
    let rows: [Row]
    let outside: [Row]
    let total: String
    let progress: String
    let status: String
    let isPreliminary: Bool
    let canUndo: Bool
    let digest: String

    init(_ gallery: CellGallery, text: TextCatalogue) {
        let count = CellCountView(gallery, text: text)
        func row(_ row: CellCountView.Row) -> Row {
            Row(
                name: row.name, count: row.count, percent: row.percent, interval: row.interval, network: row.network)
        }
        types = Dictionary(
            gallery.cells.map { ($0.key.text, $0.type.rawValue) }, uniquingKeysWith: { $1 })
        changed = gallery.cells.filter { $0.readerType != nil }.map(\.key.text)
        (blasts, total, progress, status) = (count.blasts, count.total, count.progress, count.status)
        (rows, outside) = (count.rows.map(row), count.outside.map(row))
        (isPreliminary, canUndo, digest) = (gallery.isPreliminary, gallery.undoable != nil, gallery.digest)
    }
}

extension CellGallery {
    /// Itself, where its types are kept from nobody.
    ///
    /// - Throws: `WebError.conflict`.
    var shown: CellGallery {
        get throws {
            guard !isHidden else { throw WebError(.conflict, "errors.cells.hidden") }
            return self
        }
    }
}

/// The count as a file.
enum CellAnswer {
    static func csv(_ gallery: CellGallery, text: TextCatalogue) -> Response {
        APIAnswer.file(
            Array(CellCountView.csv(gallery, text: text).utf8), contentType: "text/csv; charset=utf-8",
            name: "differential-\(gallery.caseID).csv")
    }
}
