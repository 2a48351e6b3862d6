import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Packaging
import Wording

/// Model packages: what is installed, what screens, and how another takes over.
struct AdminModelRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let limits: UploadLimits
    let limiter: RateLimiter

    private var text: TextCatalogue { pages.site.text }

    var routes: [Route] {
        [
            Route(.get, "/admin/models", .administrator) { request, context in
                try await page(context, notice: Route.notice(request, text))
            },
            Route(
                .post, "/admin/models/install", .administrator, check: .upload, limiter: limiter, handler: install),
            Route(.post, "/admin/models/activate", .administrator, limiter: limiter, handler: activate),
        ]
    }

    private func install(_ request: Request, _ context: WebContext) async throws -> Response {
        let upload = try await FormUpload.read(
            request, context: context, fileField: "package",
            limits: limits.letting(fileBytes: PackageFiles.maximumBytes))
        let principal = try context.requiredPrincipal
        do {
            _ = try await services.confirm(
                context, Reauthentication(password: upload["password"] ?? "", code: upload["code"] ?? ""))
            guard let file = upload.file, !file.isEmpty else {
                throw ModelRefusal(.broken, "errors.models.noFile")
            }
            let installed = try await services.models.store.install(try Self.files(file), by: principal.actor)
            return Response.redirect(
                to: "/admin/models?notice=installed#model-\(installed.model.id)", type: .normal)
        } catch let error as ModelRefusal {
            return try await page(context, refusal: error)
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, part: .install, error: error)
        }
    }

    private static func files(_ archive: [UInt8]) throws -> PackageFiles {
        do { return try PackageFiles(archive: archive) } catch let error as PackagingError {
            throw ModelRefusal(.broken, "errors.models.broken", ["reason": error.message])
        }
    }

    private func activate(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let name = context.form.trimmed("model")
        let id = InstalledModelID(name)
        do {
            _ = try await services.confirm(context)
            guard id != nil || name == AdminModelsPage.shipped else {
                throw ClinicError(.invalid, "errors.models.choose", field: "model")
            }
            try await services.models.activate(id, by: principal.actor, reason: context.form.trimmed("reason"))
        } catch let error as ClinicError where error.field != nil {
            return try await page(context, part: .activate, error: error)
        } catch let error as ClinicError where error.code != .notFound {
            throw error
        } catch let error as WebError {
            throw error
        } catch {
            // A package that was sound when it was installed and cannot be loaded now.
            let refused = ClinicError(.invalid, "errors.models.cannotLoad", ["reason": text(error)], field: "model")
            return try await page(context, part: .activate, error: refused)
        }
        return Response.redirect(to: "/admin/models?notice=activated", type: .normal)
    }

    private func page(
        _ context: WebContext, notice: String? = nil, part: AdminModelsPage.Part? = nil, error: ClinicError? = nil,
        refusal: ModelRefusal? = nil
    ) async throws -> Response {
        let facts = try await services.models.store.history(limit: 50)
        let page = AdminModelsPage(
            facts, models: services.models, notice: notice, part: part, error: error, refusal: refusal,
            site: pages.site, context: context)
        return try pages.response(
            page, template: "admin-models", status: error == nil && refusal == nil ? .ok : .unprocessableContent)
    }
}
