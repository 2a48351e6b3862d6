import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Doctors as others see them.
struct ProfileRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    private var directory: Directory { services.directory }

    var routes: [Route] {
        [
            Route(.get, "/doctors/:id", .anyone) { request, context in
                let doctor = try await doctor(context)
                let text = pages.site.text
                let offset = FormFields(query: request)["reviews"].flatMap { Int($0) } ?? 0
                let page = ProfilePage(
                    doctor, booking: try await services.bookingPanel(of: doctor, text: text),
                    reviews: try await services.reviewPanel(
                        of: doctor, text: text, context: context, offset: max(0, offset)),
                    now: services.clock(), site: pages.site, context: context)
                return try pages.response(page, template: "doctor")
            },
            Route(.get, "/doctors/:id/photo", .anyone, handler: photo),
        ]
    }

    private func doctor(_ context: WebContext) async throws -> Doctor {
        guard let id = DoctorID(try context.parameters.require("id")) else {
            throw ClinicError(.notFound, "errors.nothingHere")
        }
        return try await directory.shown(id, to: context.principal?.user)
    }

    /// The portrait; a new one has another key, so that a browser asks again and gets it at once.
    private func photo(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let key = try await doctor(context).photoKey else { throw ClinicError(.notFound, "errors.nothingHere") }
        let tag = "\"\(key.split(separator: "/").last ?? "")\""
        let headers: HTTPFields = [.contentType: "image/jpeg", .cacheControl: "private, no-cache", .eTag: tag]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        let bytes = try await services.archive.bytes(at: key)
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
