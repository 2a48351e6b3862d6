import Casework
import Clinic
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Imaging
import NIOHTTP1

/// A problem detail (RFC 9457), the one form in which the server reports failures.
public struct Problem: Sendable, Equatable, Encodable {
    /// Stable identifier of the kind of problem, a relative reference (RFC 9457, 3.1.1).
    public let type: String
    /// The kind of problem in a few words, the same for every occurrence.
    public let title: String
    /// The HTTP status code.
    public let status: Int
    /// What happened this time and what to do.
    public let detail: String
    /// Seconds after which another try makes sense; sent as `Retry-After`.
    public let retryAfterSeconds: Int?
    /// Header fields that belong to the answer, such as `Allow`.
    public let fields: [String: String]

    private enum CodingKeys: String, CodingKey { case type, title, status, detail }

    init(
        _ name: String, _ title: String, _ status: HTTPResponse.Status, detail: String, retryAfterSeconds: Int? = nil,
        fields: [String: String] = [:]
    ) {
        self.type = "/problems/\(name)"
        self.title = title
        self.status = status.code
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
        self.fields = fields
    }

    /// The problem that stands for an error; one that is not foreseen becomes a 500 that tells nothing of the inside.
    public init(_ error: any Error) {
        switch error {
        case let error as WebError: self.init(error)
        case let error as ImagingError: self.init(error)
        case let error as ClinicError: self.init(error)
        case let error as CaseworkError: self.init(error)
        // The body was cut short, or its chunks break RFC 9112, section 7.1.
        case is HTTPParserError:
            self.init(WebError(.malformedRequest, "The request broke off, or its body breaks the rules of HTTP."))
        case let error as any HTTPResponseError where error.status == .notFound:
            self.init(WebError(.notFound, "There is nothing at this address."))
        case let error as any HTTPResponseError:
            self.init("request", error.status.reasonPhrase, error.status, detail: "The request could not be answered.")
        default:
            self.init(
                "internal", "Internal error", .internalServerError,
                detail: "Something went wrong on the server. The image was not kept; please try again.")
        }
    }

    /// The status of every error of the web layer.
    public init(_ error: WebError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .malformedRequest: ("Malformed request", .badRequest)
            case .missingImage: ("No image", .badRequest)
            case .tooLarge: ("Too large", .contentTooLarge)
            case .notMultipart: ("Not a form upload", .unsupportedMediaType)
            case .unsupportedType: ("Unsupported media type", .unsupportedMediaType)
            case .tooSlow: ("Too slow", .requestTimeout)
            case .crossSite: ("Sent by another site", .forbidden)
            case .forged: ("Not sent by this page", .forbidden)
            case .unauthorized: ("Not logged in", .unauthorized)
            case .forbidden: ("Not allowed", .forbidden)
            case .rateLimited: ("Too many requests", .tooManyRequests)
            case .overloaded: ("Busy", .serviceUnavailable)
            case .notFound: ("Not found", .notFound)
            case .methodNotAllowed: ("Method not allowed", .methodNotAllowed)
            case .conflict: ("Not ready", .conflict)
            case .configuration, .resource, .addressUnavailable: ("Internal error", .internalServerError)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: error.message,
            retryAfterSeconds: error.retryAfterSeconds, fields: error.fields)
    }

    /// The answer for programs.
    ///
    /// - Throws: An encoding error, which would be a mistake of this type.
    public func response() throws -> Response {
        let body = try JSONFormat.line.data(self)
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        addHeaders(to: &headers)
        return Response(
            status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// The status for a page that tells the problem in its own words.
    var httpStatus: HTTPResponse.Status { .init(code: status) }

    /// The header fields that belong to this status, whatever the body.
    func addHeaders(to headers: inout HTTPFields) {
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
        if status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"leukoscope\"" }
        for (name, value) in fields { if let name = HTTPField.Name(name) { headers[name] = value } }
    }
}

extension String {
    /// `tooLarge` as `too-large`.
    var hyphenated: String {
        reduce(into: "") { text, character in
            if character.isUppercase { text.append("-") }
            text.append(contentsOf: character.lowercased())
        }
    }
}
