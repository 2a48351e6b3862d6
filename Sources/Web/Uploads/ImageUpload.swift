import HTTPTypes
import Hummingbird
import Imaging

/// Reads the one image of a form upload while it streams in, within limits and never through the disk.
public struct ImageUpload: Sendable {
    /// Bytes of the image.
    public let bytes: [UInt8]
    /// The field `csrf`; nil when it was not sent.
    public let csrf: String?
    /// The field `redCellPixels`: diameter of a red cell in pixels of the upright image; nil when it was not sent.
    public let redCellPixels: Double?

    /// The name of the form field that holds the image.
    public static let fieldName = "image"

    /// Reads a request's body.
    ///
    /// - Parameters:
    ///   - headers: The request's header fields.
    ///   - body: The request's body.
    ///   - limits: Limits on size and time.
    ///   - now: The clock.
    /// - Throws: `WebError` for a body that is malformed, too large, too slow, or holds no image.
    public init(
        headers: HTTPFields, body: RequestBody, limits: UploadLimits = UploadLimits(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) async throws {
        var collector = try Collector(contentType: headers[.contentType] ?? "", limits: limits)
        let reader = BodyReader(
            pace: limits, maximumBytes: limits.fileBytes + limits.overheadBytes, tooLarge: collector.tooLarge,
            drainsRefused: true, now: now)
        try await reader.read(body, headers) { try collector.append($0) }
        bytes = try collector.finish()
        csrf = collector.field("csrf")
        redCellPixels = try collector.field("redCellPixels").flatMap { text in
            if text.isEmpty { return nil }
            guard let pixels = Double(text), ImageScale.range.contains(pixels) else {
                throw WebError(.malformedRequest, "errors.uploads.redCellPixels")
            }
            return pixels
        }
    }
}

extension ImageUpload {
    /// Picks the image's bytes out of the parts.
    private struct Collector {
        private var parser: MultipartParser
        private let limits: UploadLimits
        private var image: [UInt8]?
        private var isInImage = false
        /// Short texts by the name of their field; the first of a name counts.
        private var texts: [String: [UInt8]] = [:]
        private var open: String?

        init(contentType: String, limits: UploadLimits) throws {
            parser = try MultipartParser(contentType: contentType)
            self.limits = limits
        }

        var tooLarge: WebError {
            WebError(.tooLarge, "errors.uploads.imageTooLarge", ["megabytes": limits.fileBytes / 1_000_000])
        }

        mutating func append(_ chunk: ByteBuffer) throws {
            for event in try parser.append(chunk.readableBytesView) {
                switch event {
                case .partBegan(let headers): try begin(headers)
                case .content(let bytes) where isInImage:
                    image?.append(contentsOf: bytes)
                    if let count = image?.count, count > limits.fileBytes { throw tooLarge }
                case .content(let bytes):
                    guard let open else { break }
                    texts[open, default: []].append(contentsOf: bytes)
                    if let count = texts[open]?.count, count > 256 { throw tooLarge }
                case .partEnded: (isInImage, open) = (false, nil)
                case .finished: break
                }
            }
        }

        private mutating func begin(_ headers: [String: String]) throws {
            // The file name is not read: it may name a person, and the type is told by the content.
            let disposition = try HeaderParameters(parsing: headers["content-disposition"] ?? "")
            guard disposition.value == "form-data", let name = disposition.parameters["name"] else {
                throw WebError(.malformedRequest, fault: "A part of the form has no name.")
            }
            if ["csrf", "redCellPixels"].contains(name), texts[name] == nil { (texts[name], open) = ([], name) }
            guard name == ImageUpload.fieldName else { return }
            guard image == nil else { throw WebError(.malformedRequest, "errors.uploads.oneImage") }
            image = []
            isInImage = true
        }

        func field(_ name: String) -> String? { texts[name].map { String(decoding: $0, as: UTF8.self) } }

        func finish() throws -> [UInt8] {
            try parser.finish()
            guard let image else { throw WebError(.missingImage, "errors.uploads.noImageField") }
            return image
        }
    }
}
