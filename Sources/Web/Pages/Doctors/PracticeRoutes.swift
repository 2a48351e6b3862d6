import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Imaging
import Wording

/// Somebody's own entry in the directory of doctors.
struct PracticeRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    /// Files of one address.
    let limiter: RateLimiter

    private var directory: Directory { services.directory }
    private var files: DoctorFiles {
        services.doctorFiles
    }
    private var text: TextCatalogue { pages.site.text }

    var routes: [Route] {
        [
            Route(.get, "/practice", .user) { request, context in
                let notice = FormFields(query: request)["notice"].flatMap { Self.notices[$0] }
                return try await page(context, notice: notice.map { text($0) })
            },
            Route(.post, "/practice", .user, handler: save),
            Route(.post, "/practice/documents", .user, check: .upload, limiter: limiter, handler: addDocument),
            Route(.get, "/practice/documents/:id", .user, handler: document),
            Route(.post, "/practice/documents/:id/delete", .user, handler: deleteDocument),
            Route(.post, "/practice/photo", .user, check: .upload, limiter: limiter, handler: setPhoto),
            Route(.post, "/practice/photo/delete", .user) { _, context in
                try await files.removePhoto(by: try context.requiredPrincipal.userID)
                return Self.done("photoRemoved", "photo")
            },
            Route(.post, "/practice/retire", .user) { _, context in
                let user = try context.requiredPrincipal.userID
                guard let own = try await directory.own(user) else { throw WebError.nothingHere }
                _ = try await directory.retire(own.doctor.id, by: user)
                return Self.done("retired")
            },
        ]
    }

    private static let notices = [
        "saved": "practice.notices.saved", "registered": "practice.notices.registered",
        "waits": "practice.notices.waits", "document": "practice.notices.document",
        "removed": "practice.notices.removed", "photo": "practice.notices.photo",
        "photoRemoved": "practice.notices.photoRemoved", "retired": "practice.notices.retired",
    ]

    private static func done(_ notice: String, _ part: String = "") -> Response {
        Response.redirect(to: "/practice?notice=\(notice)\(part.isEmpty ? "" : "#\(part)")", type: .normal)
    }

    // MARK: The entry

    private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let user = try context.requiredPrincipal.userID
        let reader = PlaceReader(
            places: services.places, text: text,
            regions: PreferredLanguages.regions(request.headers[.acceptLanguage]))
        let form = try await PracticeForm.read(context.form, reader: reader, text: text)
        do {
            if let own = try await directory.own(user) {
                let saved = try await directory.update(form.entry, by: user)
                return Self.done(saved.status != .verified && own.doctor.status != .pending ? "waits" : "saved")
            }
            _ = try await directory.register(form.entry, by: user)
            return Self.done("registered")
        } catch let error as DoctorEntryProblems {
            return try await page(context, form: form.with(error.problems, text: text))
        } catch let error as ClinicError where error.field != nil && [.duplicate, .invalid].contains(error.code) {
            return try await page(context, form: form.with([error], text: text))
        }
    }

    private func page(
        _ context: WebContext, form: PracticeForm? = nil, notice: String? = nil,
        upload: (field: String, message: String)? = nil
    ) async throws -> Response {
        let user = try context.requiredPrincipal.user
        let own = try await directory.own(user.id)
        let model = PracticePage(
            own: own, form: form ?? PracticeForm(own?.doctor, user: user, text: text), site: pages.site,
            context: context, notice: notice, upload: upload)
        let isWrong = form != nil || upload != nil
        return try pages.response(model, template: "practice", status: isWrong ? .unprocessableContent : .ok)
    }

    // MARK: Files

    private func addDocument(_ request: Request, _ context: WebContext) async throws -> Response {
        try await taking("document", request, context) { bytes, name, user in
            _ = try await files.addDocument(bytes, name: name, by: user)
            return Self.done("document", "documents")
        }
    }

    private func setPhoto(_ request: Request, _ context: WebContext) async throws -> Response {
        try await taking("photo", request, context) { bytes, _, user in
            try await files.setPhoto(bytes, by: user)
            return Self.done("photo", "photo")
        }
    }

    /// Reads a file out of a form, and shows the page again where something is wrong with it.
    private func taking(
        _ field: String, _ request: Request, _ context: WebContext,
        _ take: ([UInt8], String, UserID) async throws -> Response
    ) async throws -> Response {
        let user = try context.requiredPrincipal.userID
        do {
            let upload = try await FormUpload.read(
                request, context: context, fileField: field, limits: .init(fileBytes: Directory.maximumDocumentBytes))
            guard let bytes = upload.file, !bytes.isEmpty else {
                return try await page(context, upload: (field, text("practice.noFile")))
            }
            return try await take(bytes, upload.fileName, user)
        } catch let error as ClinicError where [.invalid, .quotaExceeded].contains(error.code) {
            return try await page(context, upload: (field, text(error)))
        } catch let error as ImagingError where error.code != .processingFailed {
            return try await page(context, upload: (field, text(error.told)))
        } catch let error as WebError where error.code == .tooLarge {
            return try await page(context, upload: (field, text(error)))
        }
    }

    private func document(_ request: Request, _ context: WebContext) async throws -> Response {
        let row = try await directory.document(try context.documentID(), by: context.requiredPrincipal.userID)
        let bytes = try await services.archive.bytes(at: row.archiveKey)
        return Response(
            status: .ok,
            headers: [
                .contentType: row.contentType, .contentDisposition: AttachmentName.header(row.name),
                .cacheControl: "no-store",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func deleteDocument(_ request: Request, _ context: WebContext) async throws -> Response {
        try await files.deleteDocument(try context.documentID(), by: context.requiredPrincipal.userID)
        return Self.done("removed", "documents")
    }
}

/// The name under which a browser keeps a file (RFC 6266, 4.3; RFC 8187 for letters beyond ASCII).
enum AttachmentName {
    static func header(_ name: String) -> String {
        let plain = name.unicodeScalars.map { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "-_. ".unicodeScalars.contains(scalar))
                ? String(scalar) : "_"
        }.joined()
        let allowed = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
        let whole = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? "document"
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(whole)"
    }
}
