import HTTPTypes
import Hummingbird

/// What a sender of a file may do.
public struct UploadLimits: Sendable {
    /// Bytes of the file.
    public var fileBytes: Int
    /// Bytes beyond the file for delimiters, headers and other fields.
    public var overheadBytes: Int
    /// How long any upload may take, however slow.
    public var grace: Duration
    /// Bytes a second that a longer upload must reach on average.
    public var minimumBytesPerSecond: Int

    /// - Parameters:
    ///   - fileBytes: Bytes of the file.
    ///   - overheadBytes: Bytes beyond the file for delimiters, headers and other fields.
    ///   - grace: How long any upload may take, however slow.
    ///   - minimumBytesPerSecond: Bytes a second that a longer upload must reach on average.
    public init(
        fileBytes: Int = 20_000_000, overheadBytes: Int = 65_536, grace: Duration = .seconds(20),
        minimumBytesPerSecond: Int = 4096
    ) {
        (self.fileBytes, self.overheadBytes) = (fileBytes, overheadBytes)
        (self.grace, self.minimumBytesPerSecond) = (grace, minimumBytesPerSecond)
    }

    /// The same pace for a file of so many bytes.
    func letting(fileBytes: Int) -> UploadLimits {
        UploadLimits(fileBytes: fileBytes, grace: grace, minimumBytesPerSecond: minimumBytesPerSecond)
    }
}

/// Reads the body of a request while it streams in, within limits on its size and its time.
struct BodyReader: Sendable {
    /// How long the sender may take.
    var pace = UploadLimits()
    /// Bytes of the whole body.
    let maximumBytes: Int
    /// Thrown for a body that is longer.
    let tooLarge: WebError
    /// Whether the rest of a body that was refused is read and thrown away, up to the same size again, so that a browser
    /// that is still sending gets to see the answer.
    var drainsRefused = false
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    /// Hands on each piece.
    /// - Throws: `WebError` for a body that is too large or too slow, and what `take` throws.
    func read(_ body: RequestBody, _ headers: HTTPFields, take: (ByteBuffer) async throws -> Void) async throws {
        var failure: WebError?
        if let length = headers[.contentLength].flatMap(Int.init), length > maximumBytes {
            guard drainsRefused, length <= 2 * maximumBytes else { throw tooLarge }
            failure = tooLarge
        }
        let started = now()
        var received = 0
        var ownTime = Duration.zero
        for try await chunk in body {
            received += chunk.readableBytes
            let allowed = pace.grace + .seconds(Double(received) / Double(pace.minimumBytesPerSecond))
            guard started.duration(to: now()) - ownTime <= allowed else {
                throw WebError(.tooSlow, "errors.uploads.tooSlow")
            }
            if received > maximumBytes { failure = failure ?? tooLarge }
            if failure != nil, !drainsRefused || received > 2 * maximumBytes { break }
            guard failure == nil else { continue }
            // The time that the server itself takes for a piece is not the sender's.
            let handled = now()
            do { try await take(chunk) } catch let error as WebError where drainsRefused { failure = error }
            ownTime += handled.duration(to: now())
        }
        if let failure { throw failure }
    }

    /// The whole of a short body.
    /// - Throws: `WebError` for a body that is too large or too slow.
    func bytes(_ request: Request) async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        try await read(request.body, request.headers) { bytes.writeImmutableBuffer($0) }
        return bytes
    }
}
