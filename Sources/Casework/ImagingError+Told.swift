import Findings
import Imaging

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
