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
        case .unknownFormat: foreign?.told ?? Message("errors.images.format")
        case .tooMuchMemory: weight.told(format: format, megabytes: .count(limit / 1_000_000))
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

extension ForeignFormat {
    /// What the file is, and what to do instead.
    public var told: Message {
        switch self {
        case .gif: Message("errors.images.foreign.gif")
        case .avif: Message("errors.images.foreign.avif")
        case .jpegXL: Message("errors.images.foreign.jpegXL")
        case .jpeg2000: Message("errors.images.foreign.jpegTwoThousand")
        case .photoshop: Message("errors.images.foreign.photoshop")
        case .cameraRaw: Message("errors.images.foreign.cameraRaw")
        case .dicom: Message("errors.images.foreign.dicom")
        case .pdf: Message("errors.images.foreign.pdf")
        case .video: Message("errors.images.foreign.video")
        case .archive: Message("errors.images.foreign.archive")
        }
    }
}

extension ImagingError.Weight {
    fileprivate func told(format: Fact, megabytes: Fact) -> Message {
        switch self {
        case .interlaced: Message("errors.images.heavy.interlaced", ["format": format, "megabytes": megabytes])
        case .progressive: Message("errors.images.heavy.progressive", ["format": format, "megabytes": megabytes])
        case .other: Message("errors.images.heavy.plain", ["format": format, "megabytes": megabytes])
        }
    }
}
