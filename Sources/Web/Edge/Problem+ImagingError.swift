import HTTPTypes
import Imaging

extension Problem {
    /// The status of every reason why an image cannot be read.
    public init(_ error: ImagingError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .empty: ("Empty file", .unprocessableContent)
            case .unknownFormat: ("Not an image", .unsupportedMediaType)
            case .unsupported: ("Unsupported image", .unsupportedMediaType)
            case .truncated: ("Incomplete image", .unprocessableContent)
            case .corrupt: ("Broken image", .unprocessableContent)
            case .tooManyBytes: ("Too large", .contentTooLarge)
            case .tooManyPixels: ("Too many pixels", .unprocessableContent)
            case .tooSmall: ("Too small", .unprocessableContent)
            case .invalidParameter, .processingFailed: ("Internal error", .internalServerError)
            }
        let detail =
            status == .internalServerError
            ? "The image could not be processed on this server. It was not kept; please try again." : error.message
        self.init("image-\(error.code.rawValue.hyphenated)", title, status, detail: detail)
    }
}
