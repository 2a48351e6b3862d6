import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Whole slides, for programs; pages take the same parts.
struct APISlides: Sendable {
    let services: SiteServices
    let limits: UploadLimits

    private static let bodyBytes = 16_384

    /// What a program announces.
    private struct Announcement: Decodable {
        let name: String
        let bytes: Int
        /// SHA-256 of the first part, in hexadecimal digits.
        let fingerprint: String
        let fields: Int?
    }

    @Sendable func begin(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
        try await services.cases.requireOwner(principal, of: id)
        let announced = try await JSONBody(request, upTo: Self.bodyBytes).decoded(as: Announcement.self)
        let slide = try await services.requiredSlides.intake.begin(
            in: id, name: announced.name, bytes: announced.bytes, fingerprint: announced.fingerprint,
            fields: announced.fields ?? CaseSlides.defaultFields, by: principal)
        return try APIAnswer.json(
            APISlide(slide), status: .created, location: "/api/v1/cases/\(id)/slides/\(slide.id)")
    }

    @Sendable func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let progress = try await services.slides.marks(
            of: context.identifier("slide"), in: context.caseID(), for: context.requiredPrincipal, isShown: true
        ).progress
        return try SlideParts.status(APISlide(progress, try await services.standing(of: progress.slide)))
    }

    @Sendable func add(_ request: Request, _ context: WebContext) async throws -> Response {
        try await SlideParts(services: services, limits: limits).add(request, context)
    }
}

/// Takes the parts of a slide's file: the body is the part, `offset` says where it begins, and `Content-Digest` what it is (RFC 9530).
struct SlideParts: Sendable {
    let services: SiteServices
    let limits: UploadLimits

    static let offset = HTTPField.Name("Upload-Offset")
    private static let digest = HTTPField.Name("Content-Digest")

    func add(_ request: Request, _ context: WebContext) async throws -> Response {
        let (smearCase, principal) = (try context.caseID(), try context.requiredPrincipal)
        let id: SlideID = try context.identifier("slide")
        // Before anything is read: whoever may not add to this slide need not send the part.
        _ = try await services.slides.owned(id, in: smearCase, by: principal)
        guard let start = request.uri.queryParameters.get("offset").flatMap({ Int($0) }) else {
            throw WebError(.malformedRequest, "errors.slides.noOffset")
        }
        guard let digest = Self.digest.flatMap({ request.headers[$0] }).flatMap(Self.sha256) else {
            throw WebError(.malformedRequest, "errors.slides.noDigest")
        }
        let largest = SlideIntake.partBytes
        let reader = BodyReader(
            pace: limits, maximumBytes: largest,
            tooLarge: WebError(.tooLarge, "errors.slides.partTooLarge", ["bytes": largest]))
        let bytes = Array(try await reader.bytes(request).readableBytesView)
        let receipt = try await services.requiredSlides.intake.receive(
            bytes, digest: digest, at: start, of: id, in: smearCase, by: principal)
        switch receipt {
        case .stored(let slide): return try Self.status(APISlide(slide))
        case .misplaced(let slide):
            throw WebError(
                .conflict, "errors.slides.offset", ["offset": slide.received],
                fields: ["Upload-Offset": String(slide.received)])
        }
    }

    /// How far a slide is, also in a header field, for whoever asks by HEAD.
    static func status(_ slide: APISlide) throws -> Response {
        var response = try APIAnswer.json(slide)
        if let offset { response.headers[offset] = String(slide.received) }
        return response
    }

    /// Of `sha-256=:…:`, beside others or alone (RFC 9530, 2).
    static func sha256(of field: String) -> [UInt8]? {
        for member in field.split(separator: ",") {
            let text = member.trimmingCharacters(in: .whitespaces)
            guard text.hasPrefix("sha-256=:"), text.hasSuffix(":"), text.count > 10 else { continue }
            return Data(base64Encoded: String(text.dropFirst(9).dropLast())).map(Array.init)
        }
        return nil
    }
}

extension SiteServices {
    /// Whether the file of a slide can be reached now; a server that keeps no slides reaches none.
    func standing(of slide: CaseSlide) async throws -> SlideStanding {
        try await wholeSlides?.intake.standing(of: slide) ?? .away
    }

    /// Slides, each with whether its file can be reached now.
    func standing(
        of slides: [SlideProgress]
    ) async throws -> [(progress: SlideProgress, standing: SlideStanding)] {
        var found: [(progress: SlideProgress, standing: SlideStanding)] = []
        for progress in slides { found.append((progress, try await standing(of: progress.slide))) }
        return found
    }

    /// - Throws: `WebError.notFound` where the server keeps no slides.
    var requiredSlides: WholeSlides {
        get throws {
            guard let wholeSlides else { throw WebError.nothingHere }
            return wholeSlides
        }
    }
}
