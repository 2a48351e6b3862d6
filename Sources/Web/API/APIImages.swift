import Casework
import Clinic
import Crypto
import Formats
import HTTPTypes
import Hummingbird

/// Images into cases, for programs.
struct APIImages: Sendable {
    let services: SiteServices
    let limits: UploadLimits

    /// Adds one image: stored and queued when this answers.
    ///
    /// The same key again in the same case is the same image. It comes in the header `Idempotency-Key` or, as from the
    /// pages, in the field `uploadKey`; without one the file's SHA-256 serves. With another file the key is refused.
    @Sendable func add(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let id = try context.caseID()
        // Before anything is read: whoever may not add to this case need not send the image.
        try await services.cases.requireOwner(principal, of: id)
        var bytes: [UInt8]?
        let fields = try await CaseUpload.read(request, limits: limits) { item, _ in
            guard bytes == nil else { throw WebError(.malformedRequest, "errors.uploads.oneImage") }
            switch item {
            case .image(let image): bytes = image
            case .tooLarge:
                throw WebError(.tooLarge, "errors.uploads.imageTooLarge", ["megabytes": limits.fileBytes / 1_000_000])
            }
        }
        guard let bytes else { throw WebError(.missingImage, "errors.uploads.noImageField") }
        let key = request.idempotencyKey ?? fields.uploadKey ?? CaseUpload.contentKey(bytes)
        let (image, screening) = try await services.intake.add(
            bytes, to: id, by: principal.actor, uploadKey: key, site: principal.boundSite)
        guard image.sha256 == Self.fingerprint(bytes) else {
            throw ClinicError(.invalid, "errors.images.keyUsed", field: "uploadKey")
        }
        return try APIAnswer.json(
            APIImage(image, screening, [], try await services.sites.standing(of: screening)), status: .created,
            location: "/api/v1/screenings/\(screening.id)")
    }

    private static func fingerprint(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).hexadecimal
    }
}

extension Request {
    /// The header `Idempotency-Key`, with or without the quotes of a structured field (RFC 9651, 3.3.3).
    var idempotencyKey: String? {
        guard let name = HTTPField.Name("Idempotency-Key"), let value = headers[name] else { return nil }
        let isQuoted = value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
        return isQuoted ? String(value.dropFirst().dropLast()) : value
    }
}
