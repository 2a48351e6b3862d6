import Findings
import Imaging

/// What the work on cases can refuse, apart from what `ClinicError` and `ImagingError` tell.
public struct CaseworkError: ToldError, Equatable {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// As many images wait for their screening as the server takes.
        case queueFull
        /// The key that a sender chose for an upload breaks the rule for such keys.
        case invalidUploadKey
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do.
    public let message: Message
    /// Seconds after which another try makes sense, for `queueFull`.
    public let retryAfterSeconds: Int?

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - key: The path of the sentence in the catalogue.
    ///   - retryAfterSeconds: Seconds after which another try makes sense.
    public init(_ code: Code, _ key: StaticString, retryAfterSeconds: Int? = nil) {
        (self.code, message, self.retryAfterSeconds) = (code, Message("\(key)"), retryAfterSeconds)
    }
}

extension ImagingError {
    /// What is told to the person whose image it is; `message` is for logs and for whoever calls the library.
    public var told: Message {
        let format: Fact = format.map { .text($0.displayName) } ?? .term("errors.images.some")
        let (width, height, limit) = (Fact.count(width ?? 0), Fact.count(height ?? 0), limit ?? 0)
        return switch code {
        case .empty: Message("errors.images.empty")
        case .unknownFormat: Message("errors.images.format")
        case .unsupported: Message("errors.images.unsupported", ["format": format])
        case .truncated: Message("errors.images.truncated", ["format": format])
        case .corrupt: Message("errors.images.corrupt", ["format": format])
        case .tooManyBytes: Message("errors.images.tooManyBytes", ["megabytes": .count(limit / 1_000_000)])
        case .tooManyPixels:
            Message(
                "errors.images.tooManyPixels",
                ["width": width, "height": height, "megapixels": .count(limit / 1_000_000)])
        case .tooSmall:
            Message("errors.images.tooSmall", ["width": width, "height": height, "minimum": .count(limit)])
        case .invalidParameter, .processingFailed: Message("errors.images.processing")
        }
    }
}
