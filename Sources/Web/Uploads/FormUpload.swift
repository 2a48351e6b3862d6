import Foundation
import HTTPTypes
import Hummingbird

/// Reads a form with fields and one file while it streams in, within limits and never through the disk.
struct FormUpload {
    /// The file; nil when none was chosen.
    private(set) var file: [UInt8]?
    /// What the sender calls the file; empty when it was not told.
    private(set) var fileName = ""
    private var values: [String: [UInt8]] = [:]
    private var parser: MultipartParser
    private let fileField: String
    private let limits: UploadLimits
    private var part: String?

    private static let maximumFields = 16

    /// A field without white space around it; empty when it was not sent.
    func trimmed(_ name: String) -> String {
        String(decoding: values[name] ?? [], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A field as it was sent; nil when it was not.
    subscript(name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }

    private init(contentType: String, fileField: String, limits: UploadLimits) throws {
        parser = try MultipartParser(contentType: contentType, limits: .init(parts: Self.maximumFields))
        self.fileField = fileField
        self.limits = limits
    }

    /// Reads a request's body and checks the token against forged requests.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Whose form it must be.
    ///   - fileField: The field that holds the file.
    ///   - limits: Limits on size and time.
    /// - Throws: `WebError` for a body that is malformed, too large or too slow, or a form that is not this browser's.
    static func read(
        _ request: Request, context: WebContext, fileField: String, limits: UploadLimits
    ) async throws -> FormUpload {
        // A form without its token is not read at all, where the header says so.
        if request.headers[.csrfToken] != nil { try context.checkForgery(nil, in: request) }
        var upload = try Self(
            contentType: request.headers[.contentType] ?? "", fileField: fileField, limits: limits)
        let reader = BodyReader(
            pace: limits, maximumBytes: limits.fileBytes + limits.overheadBytes, tooLarge: upload.tooLarge,
            drainsRefused: true)
        try await reader.read(request.body, request.headers) { try upload.append($0, context, request) }
        try upload.parser.finish()
        try context.checkForgery(upload["csrf"], in: request)
        return upload
    }

    private mutating func append(_ chunk: ByteBuffer, _ context: WebContext, _ request: Request) throws {
        for event in try parser.append(chunk.readableBytesView) {
            switch event {
            case .partBegan(let headers): try begin(headers, context, request)
            case .content(let bytes): try add(bytes)
            case .partEnded: part = nil
            case .finished: break
            }
        }
    }

    private mutating func begin(_ headers: [String: String], _ context: WebContext, _ request: Request) throws {
        let disposition = try HeaderParameters(parsing: headers["content-disposition"] ?? "")
        guard disposition.value == "form-data", let name = disposition.parameters["name"] else {
            throw WebError(.malformedRequest, fault: "A part of the form has no name.")
        }
        part = name
        guard name == fileField else {
            values[name] = []
            return
        }
        guard file == nil else { throw WebError(.malformedRequest, "errors.uploads.oneFile") }
        // The token stands before the file, so that nobody's file is taken without it.
        try context.checkForgery(self["csrf"], in: request)
        // A browser sends an empty name when no file was chosen.
        if disposition.parameters["filename"] != "" { file = [] } else { part = nil }
        fileName = disposition.parameters["filename"] ?? ""
    }

    private mutating func add(_ bytes: [UInt8]) throws {
        guard let part else { return }
        guard part == fileField else {
            values[part, default: []].append(contentsOf: bytes)
            guard (values[part]?.count ?? 0) <= 8192 else {
                throw WebError(.malformedRequest, "errors.uploads.fieldTooLong")
            }
            return
        }
        file?.append(contentsOf: bytes)
        guard (file?.count ?? 0) <= limits.fileBytes else { throw tooLarge }
    }

    private var tooLarge: WebError {
        WebError(.tooLarge, "errors.uploads.fileTooLarge", ["megabytes": limits.fileBytes / 1_000_000])
    }
}
