import Casework
import Clinic
import Findings
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Imaging
import NIOHTTP1
import ScreeningReports
import Wording

/// A problem detail (RFC 9457), the one form in which the server reports failures.
public struct Problem: Sendable, Equatable {
    /// Stable identifier of the kind of problem, a relative reference (RFC 9457, 3.1.1).
    public let type: String
    /// The kind of problem in a few words, the same for every occurrence.
    public let title: Message
    /// The HTTP status code.
    public let status: Int
    /// What happened this time and what to do.
    public let detail: Message
    /// Seconds after which another try makes sense; sent as `Retry-After`.
    public let retryAfterSeconds: Int?
    /// Header fields that belong to the answer, such as `Allow`.
    public let fields: [String: String]

    init(
        _ name: String, _ title: String, _ status: HTTPResponse.Status, detail: Message, retryAfterSeconds: Int? = nil,
        fields: [String: String] = [:]
    ) {
        self.type = "/problems/\(name)"
        self.title = Message(title)
        self.status = status.code
        (self.detail, self.retryAfterSeconds, self.fields) = (detail, retryAfterSeconds, fields)
    }

    /// The problem that stands for an error; one that is not foreseen becomes a 500 that tells nothing of the inside.
    public init(_ error: any Error) {
        switch error {
        case let error as WebError: self.init(error)
        case let error as ImagingError: self.init(error)
        case let error as ClinicError: self.init(error)
        case let error as CaseworkError: self.init(error)
        case is ScreeningReportError:
            self.init("report", "errors.titles.report", .internalServerError, detail: Message("errors.report"))
        // The body was cut short, or its chunks break RFC 9112, section 7.1.
        case is HTTPParserError:
            self.init(WebError(.malformedRequest, "errors.requests.broken"))
        case let error as any HTTPResponseError where error.status == .notFound:
            self.init(WebError(.notFound, "errors.nothingHere"))
        case let error as any HTTPResponseError:
            self.init("request", "errors.titles.request", error.status, detail: Message("errors.request"))
        default:
            self.init(
                "internal", "errors.titles.internal", .internalServerError, detail: Message("errors.unforeseen"))
        }
    }

    /// The status of every error of the web layer.
    public init(_ error: WebError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .malformedRequest: ("errors.titles.malformedRequest", .badRequest)
            case .missingImage: ("errors.titles.missingImage", .badRequest)
            case .tooLarge: ("errors.titles.tooLarge", .contentTooLarge)
            case .notMultipart: ("errors.titles.notMultipart", .unsupportedMediaType)
            case .unsupportedType: ("errors.titles.unsupportedType", .unsupportedMediaType)
            case .tooSlow: ("errors.titles.tooSlow", .requestTimeout)
            case .crossSite: ("errors.titles.crossSite", .forbidden)
            case .forged: ("errors.titles.forged", .forbidden)
            case .unauthorized: ("errors.titles.unauthorized", .unauthorized)
            case .forbidden: ("errors.titles.forbidden", .forbidden)
            case .rateLimited: ("errors.titles.rateLimited", .tooManyRequests)
            case .overloaded: ("errors.titles.busy", .serviceUnavailable)
            case .notFound: ("errors.titles.notFound", .notFound)
            case .methodNotAllowed: ("errors.titles.methodNotAllowed", .methodNotAllowed)
            case .conflict: ("errors.titles.conflict", .conflict)
            case .configuration, .resource, .addressUnavailable: ("errors.titles.internal", .internalServerError)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: error.message,
            retryAfterSeconds: error.retryAfterSeconds, fields: error.fields)
    }

    private struct Document: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
    }

    /// The answer for programs.
    ///
    /// - Parameter text: The words of the answer.
    /// - Throws: An encoding error, which would be a mistake of this type.
    public func response(_ text: TextCatalogue) throws -> Response {
        let body = try JSONFormat.line.data(
            Document(type: type, title: text(title), status: status, detail: text(detail)))
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

extension Problem {
    /// The status of every reason why an image cannot be read.
    public init(_ error: ImagingError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .empty: ("errors.titles.emptyFile", .unprocessableContent)
            case .unknownFormat: ("errors.titles.notAnImage", .unsupportedMediaType)
            case .unsupported: ("errors.titles.unsupportedImage", .unsupportedMediaType)
            case .truncated: ("errors.titles.truncated", .unprocessableContent)
            case .corrupt: ("errors.titles.corruptImage", .unprocessableContent)
            case .tooManyBytes: ("errors.titles.tooLarge", .contentTooLarge)
            case .tooManyPixels: ("errors.titles.tooManyPixels", .unprocessableContent)
            case .tooMuchMemory: ("errors.titles.tooMuchMemory", .unprocessableContent)
            case .tooSmall: ("errors.titles.tooSmall", .unprocessableContent)
            case .invalidParameter, .processingFailed: ("errors.titles.internal", .internalServerError)
            }
        self.init("image-\(error.code.rawValue.hyphenated)", title, status, detail: error.told)
    }

    /// The status of every error of stored things.
    public init(_ error: ClinicError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .notFound: ("errors.titles.notFound", .notFound)
            case .duplicate: ("errors.titles.duplicate", .conflict)
            case .invalid: ("errors.titles.invalid", .unprocessableContent)
            case .forbidden: ("errors.titles.forbidden", .forbidden)
            case .hidden: ("errors.titles.conflict", .conflict)
            case .consentNeeded: ("errors.titles.consent", .forbidden)
            case .quotaExceeded: ("errors.titles.quotaExceeded", .tooManyRequests)
            case .busy: ("errors.titles.busy", .serviceUnavailable)
            case .databaseUnavailable: ("errors.titles.databaseUnavailable", .serviceUnavailable)
            case .newerSchema, .corrupt, .storage: ("errors.titles.internal", .internalServerError)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: Self.detail(of: error),
            retryAfterSeconds: status == .serviceUnavailable ? 5 : nil)
    }

    /// What the inside of the server looks like is told to its log, not to whoever asks.
    private static func detail(of error: ClinicError) -> Message {
        switch error.code {
        case .databaseUnavailable: Message("errors.unreachable")
        case .newerSchema, .corrupt, .storage:
            error.message.key == Message.fault("").key ? Message("errors.internal") : error.message
        default: error.message
        }
    }

    /// The status of every error of the work on cases.
    public init(_ error: CaseworkError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .queueFull: ("errors.titles.busy", .serviceUnavailable)
            case .invalidUploadKey: ("errors.titles.malformedRequest", .badRequest)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: error.message,
            retryAfterSeconds: error.retryAfterSeconds)
    }
}

extension TextCatalogue {
    /// What stands at a field of a form; nil without an error there.
    func callAsFunction(_ error: ClinicError?, at field: String) -> String? {
        error.flatMap { $0.field == field ? self($0.message) : nil }
    }
}
