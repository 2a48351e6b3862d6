import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Wording

/// The pages of whole slides: sending one, the viewer, its tiles and marks.
struct SlideRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let limits: UploadLimits
    /// What one address begins.
    let limiter: RateLimiter
    /// Parts that one address sends.
    let parts: RateLimiter
    /// Address of the viewer's script.
    let script: String

    var routes: [Route] { sendingRoutes + viewerRoutes + changeRoutes }

    private var sendingRoutes: [Route] {
        [
            Route(.get, "/slides", .user) { _, context in
                _ = try services.requiredSlides
                return try pages.response(
                    SlideStartPage(site: pages.site, context: context), template: "slide-start")
            },
            Route(.post, "/slides", .user, limiter: limiter) { _, context in
                let title = context.form.trimmed("title")
                let made = try await services.cases.open(
                    title: title.isEmpty
                        ? pages.site.text("cases.defaultTitle", ["day": PageTime(services.clock()).day]) : title,
                    by: context.requiredPrincipal)
                return Response.redirect(to: "/cases/\(made.contents.smearCase.id)#slides", type: .normal)
            },
            Route(.get, "/cases/:id/slides", .readerOfCase) { _, context in
                let rows = try await services.standing(
                    of: services.slides.list(of: context.caseID(), for: context.requiredPrincipal))
                return try APIAnswer.json(rows.map { SlideRow($0.progress, $0.standing, text: pages.site.text) })
            },
            Route(.post, "/cases/:id/slides", .ownerOfCase, limiter: limiter) { _, context in
                let (id, form) = (try context.caseID(), context.form)
                try await services.cases.requireOwner(context.requiredPrincipal, of: id)
                let slide = try await services.requiredSlides.intake.begin(
                    in: id, name: form["name"] ?? "", bytes: form["bytes"].flatMap { Int($0) } ?? 0,
                    fingerprint: form["fingerprint"] ?? "", fields: SlideForm.fields(form),
                    by: context.requiredPrincipal)
                return try APIAnswer.json(APISlide(slide), status: .created)
            },
            Route(.post, "/cases/:id/slides/registered", .ownerOfCase, limiter: limiter) { _, context in
                let id = try context.caseID()
                try await services.cases.requireOwner(context.requiredPrincipal, of: id)
                _ = try await services.requiredSlides.intake.register(
                    context.form["path"] ?? "", in: id, fields: SlideForm.fields(context.form),
                    by: context.requiredPrincipal)
                return Response.redirect(to: "/cases/\(id)#slides", type: .normal)
            },
            // The part is the whole body, so that the token against forged requests is in the header.
            Route(.put, "/cases/:id/slides/:slide/parts", .ownerOfCase, limiter: parts) { request, context in
                try await SlideParts(services: services, limits: limits).add(request, context)
            },
            Route(.get, "/cases/:id/slides/:slide/status", .readerOfCase) { _, context in
                let progress = try await services.slides.progress(
                    of: context.identifier("slide"), in: context.caseID(), for: context.requiredPrincipal)
                return try SlideParts.status(
                    APISlide(progress, try await services.standing(of: progress.slide)))
            },
        ]
    }

    private var viewerRoutes: [Route] {
        [
            Route(.get, "/cases/:id/slides/:slide", .readerOfCase) { _, context in
                try await viewer(context)
            },
            Route(.get, "/cases/:id/slides/:slide/marks", .readerOfCase) { request, context in
                try Self.refuseOthers(request)
                let (progress, cells) = try await services.slides.marks(
                    of: context.identifier("slide"), in: context.caseID(), for: context.requiredPrincipal,
                    isShown: false)
                return try APIAnswer.json(
                    SlideMarks(
                        progress, try await services.standing(of: progress.slide), cells: cells, text: pages.site.text))
            },
            Route(.get, "/cases/:id/slides/:slide/tiles/:zoom/:column/:row", .readerOfCase) { request, context in
                try await tile(request, context)
            },
        ]
    }

    private var changeRoutes: [Route] {
        [
            Route(.post, "/cases/:id/slides/:slide/read", .ownerOfCase, limiter: limiter) { _, context in
                let (id, form) = (try context.caseID(), context.form)
                // Where nothing reads slides, none is put into the queue.
                let intake = try services.requiredSlides.intake
                let slide: SlideID = try context.identifier("slide")
                let scale = form.trimmed("scale")
                do {
                    try await services.slides.readOn(
                        slide, in: id, fields: SlideForm.fields(form),
                        micrometresPerPixel: scale.isEmpty ? nil : Double(scale) ?? 0, by: context.requiredPrincipal)
                } catch let error as ClinicError where error.code == .invalid {
                    return try await viewer(context, error: error)
                }
                intake.announceWaiting(id)
                return Response.redirect(to: "/cases/\(id)/slides/\(slide)", type: .normal)
            },
            Route(.post, "/cases/:id/slides/:slide/delete", .ownerOfCase) { _, context in
                let (id, slide): (CaseID, SlideID) = (try context.caseID(), try context.identifier("slide"))
                try await services.removal.removeSlide(slide, in: id, by: context.requiredPrincipal)
                services.wholeSlides?.desk.forget(slide)
                return Response.redirect(to: "/cases/\(id)#slides", type: .normal)
            },
        ]
    }

    private func viewer(_ context: WebContext, error: ClinicError? = nil) async throws -> Response {
        let (progress, cells) = try await services.slides.marks(
            of: context.identifier("slide"), in: context.caseID(), for: context.requiredPrincipal, isShown: true)
        let standing = try await services.standing(of: progress.slide)
        let page = SlidePage(
            progress, standing, marks: SlideMarks(progress, standing, cells: cells, text: pages.site.text),
            script: script, error: error, site: pages.site, context: context)
        return try pages.response(page, template: "slide", status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    /// A tile is a picture of somebody's blood: only this site's own pages get it, and the browser's cache asks each time.
    private func tile(_ request: Request, _ context: WebContext) async throws -> Response {
        try Self.refuseOthers(request)
        let principal = try context.requiredPrincipal
        let slide = try await services.slides.readable(
            context.identifier("slide"), in: context.caseID(), for: principal)
        let numbers = try ["zoom", "column", "row"].map { name in
            guard let number = context.parameters.get(name).flatMap({ Int($0) }) else { throw WebError.nothingHere }
            return number
        }
        // The file of a slide never changes, so its address tells one tile from another.
        let tag = "\"\(slide.id)-\(numbers.map(String.init).joined(separator: "-"))\""
        var headers: HTTPFields = [.cacheControl: "private, no-cache", .eTag: tag]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        let bytes = try await services.requiredSlides.desk.tile(
            of: slide, zoom: numbers[0], column: numbers[1], row: numbers[2], for: principal.userID.text)
        headers[.contentType] = "image/jpeg"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// - Throws: `WebError.crossSite` where another site made the browser ask (W3C Fetch Metadata).
    private static func refuseOthers(_ request: Request) throws {
        guard let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] else { return }
        guard ["same-origin", "none"].contains(site) else { throw WebError(.crossSite, "errors.requests.crossSite") }
    }
}
