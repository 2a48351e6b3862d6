import Foundation
import HTTPTypes
import Hummingbird

/// Reads a form with fields and one file while it streams in, within limits and never through the disk.
struct FormUpload {
    /// What a sender may send.
    struct Limits: Sendable {
        /// Bytes of the file.
        var fileBytes: Int
        /// Bytes of all fields together, and of delimiters and headers.
        var overheadBytes = 65_536
        /// How long any upload may take, however slow.
        var grace = Duration.seconds(20)
        /// Bytes a second that a longer upload must reach on average.
        var minimumBytesPerSecond = 4096
    }

    /// The file; nil when none was chosen.
    private(set) var file: [UInt8]?
    /// What the sender calls the file; empty when it was not told.
    private(set) var fileName = ""
    private var values: [String: [UInt8]] = [:]
    private var parser: MultipartParser
    private let fileField: String
    private let limits: Limits
    private var part: String?

    private static let maximumFields = 16

    /// A field without white space around it; empty when it was not sent.
    func trimmed(_ name: String) -> String {
        String(decoding: values[name] ?? [], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A field as it was sent; nil when it was not.
    subscript(name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }

    private init(contentType: String, fileField: String, limits: Limits) throws {
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
        _ request: Request, context: WebContext, fileField: String, limits: Limits
    ) async throws -> FormUpload {
        // A form without its token is not read at all, where the header says so.
        if request.headers[.csrfToken] != nil { try context.checkForgery(nil, in: request) }
        var upload = try Self(
            contentType: request.headers[.contentType] ?? "", fileField: fileField, limits: limits)
        let total = limits.fileBytes + limits.overheadBytes
        let tooLarge = WebError(
            .tooLarge, "errors.uploads.fileTooLarge", ["megabytes": .count(limits.fileBytes / 1_000_000)])
        if let length = request.headers[.contentLength].flatMap(Int.init), length > 2 * total { throw tooLarge }
        let started = ContinuousClock.now
        var received = 0
        var failure: WebError?
        for try await chunk in request.body {
            received += chunk.readableBytes
            let allowed = limits.grace + .seconds(Double(received) / Double(limits.minimumBytesPerSecond))
            guard started.duration(to: .now) <= allowed else { throw WebError(.tooSlow, "errors.uploads.tooSlow") }
            // What is too large is read on and thrown away for a while, so that a browser gets to see the answer.
            if received > total { failure = failure ?? tooLarge }
            guard received <= 2 * total else { break }
            guard failure == nil else { continue }
            do { try upload.append(chunk, context, request) } catch let error as WebError { failure = error }
        }
        if let failure { throw failure }
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
            throw WebError(.malformedRequest, .fault("A part of the form has no name."))
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
        guard (file?.count ?? 0) <= limits.fileBytes else {
            throw WebError(
                .tooLarge, "errors.uploads.fileTooLarge", ["megabytes": .count(limits.fileBytes / 1_000_000)])
        }
    }
}
