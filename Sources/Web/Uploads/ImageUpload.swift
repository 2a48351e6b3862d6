import HTTPTypes
import Hummingbird

/// Reads the one image of a form upload while it streams in, within limits and never through the disk.
public struct ImageUpload: Sendable {
    /// Bytes of the image.
    public let bytes: [UInt8]
    /// The field `csrf`; nil when it was not sent.
    public let csrf: String?

    /// What a sender may do.
    public struct Limits: Sendable {
        /// Bytes of the image.
        public var imageBytes: Int
        /// Bytes beyond the image for delimiters, headers and other fields.
        public var overheadBytes: Int
        /// How long any upload may take, however slow.
        public var grace: Duration
        /// Bytes a second that a longer upload must reach on average.
        public var minimumBytesPerSecond: Int

        /// - Parameters:
        ///   - imageBytes: Bytes of the image.
        ///   - overheadBytes: Bytes beyond the image for delimiters, headers and other fields.
        ///   - grace: How long any upload may take, however slow.
        ///   - minimumBytesPerSecond: Bytes a second that a longer upload must reach on average.
        public init(
            imageBytes: Int = 20_000_000, overheadBytes: Int = 65_536, grace: Duration = .seconds(20),
            minimumBytesPerSecond: Int = 4096
        ) {
            self.imageBytes = imageBytes
            self.overheadBytes = overheadBytes
            self.grace = grace
            self.minimumBytesPerSecond = minimumBytesPerSecond
        }
    }

    /// The name of the form field that holds the image.
    public static let fieldName = "image"

    /// Reads a request's body.
    ///
    /// After a limit is broken the rest of the body is read and thrown away up to the same size again, so that a
    /// browser that is still sending gets to see the answer.
    ///
    /// - Parameters:
    ///   - headers: The request's header fields.
    ///   - body: The request's body.
    ///   - limits: Limits on size and time.
    ///   - now: The clock.
    /// - Throws: `WebError` for a body that is malformed, too large, too slow, or holds no image.
    public init(
        headers: HTTPFields, body: RequestBody, limits: Limits = Limits(),
        now: @Sendable () -> ContinuousClock.Instant = { .now }
    ) async throws {
        var collector = try Collector(contentType: headers[.contentType] ?? "", limits: limits)
        let total = limits.imageBytes + limits.overheadBytes
        let started = now()
        var received = 0
        var failure: WebError?
        if let length = headers[.contentLength].flatMap(Int.init), length > total {
            failure = collector.tooLarge
            if length > 2 * total { throw collector.tooLarge }
        }
        for try await chunk in body {
            received += chunk.readableBytes
            let allowed = limits.grace + .seconds(Double(received) / Double(limits.minimumBytesPerSecond))
            if started.duration(to: now()) > allowed { throw WebError(.tooSlow, "errors.uploads.tooSlow") }
            if received > total {
                failure = failure ?? collector.tooLarge
                if received > 2 * total { break }
            }
            if failure == nil {
                do { try collector.append(chunk) } catch let error as WebError { failure = error }
            }
        }
        if let failure { throw failure }
        bytes = try collector.finish()
        csrf = collector.csrf
    }
}

extension ImageUpload {
    /// Picks the image's bytes out of the parts.
    private struct Collector {
        private var parser: MultipartParser
        private let limits: Limits
        private var image: [UInt8]?
        private var isInImage = false
        private var token: [UInt8]?
        private var isInToken = false

        init(contentType: String, limits: Limits) throws {
            parser = try MultipartParser(contentType: contentType)
            self.limits = limits
        }

        var tooLarge: WebError {
            WebError(.tooLarge, "errors.uploads.imageTooLarge", ["megabytes": .count(limits.imageBytes / 1_000_000)])
        }

        mutating func append(_ chunk: ByteBuffer) throws {
            for event in try parser.append(chunk.readableBytesView) {
                switch event {
                case .partBegan(let headers): try begin(headers)
                case .content(let bytes) where isInImage:
                    image?.append(contentsOf: bytes)
                    if let count = image?.count, count > limits.imageBytes { throw tooLarge }
                case .content(let bytes) where isInToken:
                    token?.append(contentsOf: bytes)
                    if let count = token?.count, count > 256 { throw tooLarge }
                case .partEnded: (isInImage, isInToken) = (false, false)
                case .content, .finished: break
                }
            }
        }

        private mutating func begin(_ headers: [String: String]) throws {
            // The file name is not read: it may name a person, and the type is told by the content.
            let disposition = try HeaderParameters(parsing: headers["content-disposition"] ?? "")
            guard disposition.value == "form-data", let name = disposition.parameters["name"] else {
                throw WebError(.malformedRequest, .fault("A part of the form has no name."))
            }
            if name == "csrf" && token == nil { (token, isInToken) = ([], true) }
            guard name == ImageUpload.fieldName else { return }
            guard image == nil else { throw WebError(.malformedRequest, "errors.uploads.oneImage") }
            image = []
            isInImage = true
        }

        var csrf: String? { token.map { String(decoding: $0, as: UTF8.self) } }

        func finish() throws -> [UInt8] {
            try parser.finish()
            guard let image else { throw WebError(.missingImage, "errors.uploads.noImageField") }
            return image
        }
    }
}
