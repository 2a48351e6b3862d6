import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Microscopes: what they are, what control fields show of them, and how they change.
struct AdminSiteRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let service: ScreeningService
    let limits: UploadLimits
    let limiter: RateLimiter

    private var text: TextCatalogue { pages.site.text }
    private var model: ScreeningOutcome.Model { services.activeModel }

    var routes: [Route] {
        [
            Route(.get, "/admin/sites", .administrator) { _, context in try await list(context) },
            Route(.post, "/admin/sites", .administrator, handler: create),
            Route(.get, "/admin/sites/changes", .administrator) { request, context in
                try await changes(context, notice: Route.notice(request, text))
            },
            Route(.post, "/admin/sites/changes", .administrator, handler: setPlan),
            Route(.get, "/admin/sites/:id", .administrator) { request, context in
                try await page(context, notice: Route.notice(request, text))
            },
            Route(.post, "/admin/sites/:id", .administrator, handler: change),
            Route(
                .post, "/admin/sites/:id/controls", .administrator, check: .upload, limiter: limiter,
                handler: addControls),
            Route(.post, "/admin/sites/:id/qualify", .administrator, limiter: limiter, handler: qualify),
            Route(.post, "/admin/sites/:id/suspend", .administrator, handler: suspend),
        ]
    }

    private func list(_ context: WebContext, error: ClinicError? = nil) async throws -> Response {
        let page = AdminSitesPage(
            try await services.sites.list(), model: model, error: error, site: pages.site, context: context)
        return try pages.response(
            page, template: "admin-sites", status: error == nil ? .ok : .unprocessableContent)
    }

    private func page(
        _ context: WebContext, notice: String? = nil, part: AdminSitePage.Part? = nil, error: ClinicError? = nil,
        sent: [String: String] = [:]
    ) async throws -> Response {
        let overview = try await services.sites.overview(
            context.identifier(), for: model, by: context.requiredPrincipal.actor)
        let page = AdminSitePage(
            overview, model: model, notice: notice, part: part, error: error, sent: sent, site: pages.site,
            context: context)
        return try pages.response(
            page, template: "admin-site", status: error == nil ? .ok : .unprocessableContent)
    }

    private static func done(_ id: SiteID, _ notice: String) -> Response {
        Response.redirect(to: "/admin/sites/\(id)?notice=\(notice)", type: .normal)
    }

    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            let made = try await services.sites.create(
                Self.optics(context.form), by: context.requiredPrincipal.actor)
            return Self.done(made.id, "siteCreated")
        } catch let error as ClinicError where error.field != nil {
            return try await list(context, error: error)
        }
    }

    @Sendable private func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let id: SiteID = try context.identifier()
        do {
            try await services.sites.change(
                id, to: Self.optics(context.form), limits: Self.limits(context.form),
                by: context.requiredPrincipal.actor)
            return Self.done(id, "siteChanged")
        } catch let error as ClinicError where error.field != nil && error.code != .notFound {
            return try await page(context, part: .change, error: error)
        }
    }

    private static func optics(_ form: FormFields) throws -> SiteOptics {
        SiteOptics(
            name: form.trimmed("name"), objective: form.trimmed("objective"), camera: form.trimmed("camera"),
            stain: form.trimmed("stain"), micrometresPerPixel: try SiteOptics.scale(form.trimmed("scale")))
    }

    private static func limits(_ form: FormFields) throws -> SiteLimits {
        func share(_ field: String) throws -> Double { try SiteLimits.share(form.trimmed(field), field: field) }
        return SiteLimits(
            sensitivity: try share("sensitivity"), specificity: try share("specificity"),
            wrongReports: try share("wrongReports"))
    }

    /// Screens the images of the form, and keeps the answers.
    private func addControls(_ request: Request, _ context: WebContext) async throws -> Response {
        let id: SiteID = try context.identifier()
        let upload = try await ControlUpload.read(
            request, context, at: services.sites.entry(id).site.optics, with: service, limits: limits
        ) { try context.checkForgery($0.csrf, in: request) }
        do {
            switch try await upload.keep(at: id, in: services.sites, by: context.requiredPrincipal.actor) {
            case .added: return Self.done(id, "controlsAdded")
            case .checked(let result): return Self.done(id, "check\(result.rawValue.capitalized)")
            }
        } catch let error as ClinicError where error.field != nil && error.code != .notFound {
            return try await page(context, part: .controls, error: error, sent: upload.fields)
        }
    }

    private func qualify(_ request: Request, _ context: WebContext) async throws -> Response {
        let id: SiteID = try context.identifier()
        do {
            _ = try await services.confirm(context)
            let found = try await services.sites.qualify(id, for: model, by: context.requiredPrincipal.actor)
            return Self.done(id, found.isPassed ? "siteQualified" : "siteRefused")
        } catch let error as ClinicError where error.field != nil && error.code != .notFound {
            return try await page(context, part: .qualify, error: error)
        }
    }

    @Sendable private func suspend(_ request: Request, _ context: WebContext) async throws -> Response {
        let id: SiteID = try context.identifier()
        do {
            _ = try await services.sites.suspend(
                id, because: context.form.trimmed("reason"), by: context.requiredPrincipal.actor)
            return Self.done(id, "siteSuspended")
        } catch let error as ClinicError where error.field != nil && error.code != .notFound {
            return try await page(context, part: .suspend, error: error)
        }
    }

    private func changes(
        _ context: WebContext, notice: String? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let page = ChangeControlPage(
            try await services.sites.changeControl(), notice: notice, error: error, site: pages.site, context: context)
        return try pages.response(
            page, template: "admin-site-changes", status: error == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func setPlan(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = context.form
        do {
            try await services.sites.setPlan(
                modifications: form["modifications"] ?? "", changeProtocol: form["protocol"] ?? "",
                impact: form["impact"] ?? "", after: form["revision"].flatMap { Int($0) } ?? 0,
                by: context.requiredPrincipal.actor)
            return Response.redirect(to: "/admin/sites/changes?notice=planSaved", type: .normal)
        } catch let error as ClinicError where error.field != nil {
            return try await changes(context, error: error)
        }
    }
}
