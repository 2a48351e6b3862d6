import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Reads a form of fields and images while it streams in, and hands on each image when it is complete, so that one
/// image at a time is in memory.
struct CaseUpload {
    /// What the form said before its first image.
    struct Fields: Sendable {
        var csrf: String?
        var title: String?
        var uploadKey: String?
        var caseID: String?
        /// All others, by name.
        var more: [String: String] = [:]
    }

    /// Images in one form.
    static let maximumImages = 12
    private static let maximumFieldBytes = 2048

    private var parser: MultipartParser
    private let limits: UploadLimits
    private(set) var fields = Fields()
    private(set) var imageCount = 0
    /// The part that is being read.
    private var part = Part.none
    private var content: [UInt8] = []

    private enum Part: Equatable { case none, image(isNamed: Bool), tooLarge, field(String) }

    /// Something that is complete.
    enum Item: Sendable {
        case image([UInt8])
        case tooLarge
    }

    init(contentType: String, limits: UploadLimits) throws {
        parser = try MultipartParser(
            contentType: contentType, limits: .init(headerBytes: 8192, parts: Self.maximumImages + 8))
        self.limits = limits
    }

    /// Reads the whole of a request's body.
    ///
    /// - Parameters:
    ///   - request: The request; a form without files may also be urlencoded.
    ///   - limits: On each image, and on the time.
    ///   - onItem: Called with each image as soon as it is complete, and with the fields that came before it.
    /// - Returns: All fields.
    /// - Throws: `WebError` for a body that is malformed, too large or too slow, and what `onItem` throws.
    static func read(
        _ request: Request, limits: UploadLimits, onItem: (Item, Fields) async throws -> Void
    ) async throws -> Fields {
        var upload = try Self(contentType: request.headers[.contentType] ?? "", limits: limits)
        let total = limits.fileBytes * maximumImages + limits.overheadBytes
        let reader = BodyReader(
            pace: limits, maximumBytes: total,
            tooLarge: WebError(.tooLarge, "errors.uploads.formTooLarge", ["megabytes": total / 1_000_000]))
        try await reader.read(request.body, request.headers) { chunk in
            for item in try upload.append(chunk) { try await onItem(item, upload.fields) }
        }
        try upload.parser.finish()
        return upload.fields
    }

    private mutating func append(_ chunk: ByteBuffer) throws -> [Item] {
        var items: [Item] = []
        for event in try parser.append(chunk.readableBytesView) {
            switch event {
            case .partBegan(let headers): try begin(headers)
            case .content(let bytes): try add(bytes)
            case .partEnded: if let item = try end() { items.append(item) }
            case .finished: break
            }
        }
        return items
    }

    private mutating func begin(_ headers: [String: String]) throws {
        let disposition = try HeaderParameters(parsing: headers["content-disposition"] ?? "")
        guard disposition.value == "form-data", let name = disposition.parameters["name"] else {
            throw WebError(.malformedRequest, fault: "A part of the form has no name.")
        }
        content = []
        guard name == ImageUpload.fieldName else {
            part = .field(name)
            return
        }
        guard imageCount < Self.maximumImages else {
            throw WebError(.tooLarge, "errors.uploads.tooManyImages", ["maximum": Self.maximumImages])
        }
        // Of the name only that there is one is used: a browser sends an empty one when no file was chosen.
        part = .image(isNamed: disposition.parameters["filename"] != "")
    }

    private mutating func add(_ bytes: [UInt8]) throws {
        switch part {
        case .image:
            content.append(contentsOf: bytes)
            if content.count > limits.fileBytes { (part, content) = (.tooLarge, []) }
        case .field:
            content.append(contentsOf: bytes)
            guard content.count <= Self.maximumFieldBytes else {
                throw WebError(.malformedRequest, "errors.uploads.fieldTooLong")
            }
        case .none, .tooLarge: break
        }
    }

    private mutating func end() throws -> Item? {
        defer { (part, content) = (.none, []) }
        switch part {
        case .none: return nil
        case .tooLarge:
            imageCount += 1
            return .tooLarge
        case .image(let isNamed):
            if content.isEmpty && !isNamed { return nil }
            imageCount += 1
            return .image(content)
        case .field(let name):
            let value = String(decoding: content, as: UTF8.self)
            switch name {
            case "csrf": fields.csrf = value
            case "title": fields.title = value
            case "uploadKey": fields.uploadKey = value
            case "case": fields.caseID = value
            default: fields.more[name] = value
            }
            return nil
        }
    }

    /// The key of an upload whose sender chose none: the content itself, so that a form sent twice adds nothing twice.
    static func contentKey(_ bytes: [UInt8]) -> String {
        Data(SHA256.hash(data: bytes)).base64URL
    }
}
