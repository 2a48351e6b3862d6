import Findings
import Imaging

extension ImagingError {
    /// What is told to the person whose image it is; ``message`` is for logs and for whoever calls the library.
    public var told: Message {
        let format: [String: Fact] = ["format": format.map { .text($0.displayName) } ?? .term("errors.images.some")]
        let size: [String: Fact] = ["width": .count(width ?? 0), "height": .count(height ?? 0)]
        return switch code {
        case .empty: Message("errors.images.empty")
        case .unknownFormat: Message("errors.images.format")
        case .unsupported: Message("errors.images.unsupported", format)
        case .truncated: Message("errors.images.truncated", format)
        case .corrupt: Message("errors.images.corrupt", format)
        case .tooManyBytes: Message("errors.images.tooManyBytes", ["megabytes": .count((limit ?? 0) / 1_000_000)])
        case .tooManyPixels:
            Message(
                "errors.images.tooManyPixels", size.merging(["megapixels": .count((limit ?? 0) / 1_000_000)]) { $1 })
        case .tooSmall: Message("errors.images.tooSmall", size.merging(["minimum": .count(limit ?? 0)]) { $1 })
        case .invalidParameter, .processingFailed: Message("errors.images.processing")
        }
    }
}
