import Casework
import HTTPTypes
import Imaging

extension Problem {
    /// The status of every reason why an image cannot be read.
    public init(_ error: ImagingError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .empty: ("errors.titles.emptyFile", .unprocessableContent)
            case .unknownFormat: ("errors.titles.notAnImage", .unsupportedMediaType)
            case .unsupported: ("errors.titles.unsupportedImage", .unsupportedMediaType)
            case .truncated: ("errors.titles.truncated", .unprocessableContent)
            case .corrupt: ("errors.titles.corruptImage", .unprocessableContent)
            case .tooManyBytes: ("errors.titles.tooLarge", .contentTooLarge)
            case .tooManyPixels: ("errors.titles.tooManyPixels", .unprocessableContent)
            case .tooSmall: ("errors.titles.tooSmall", .unprocessableContent)
            case .invalidParameter, .processingFailed: ("errors.titles.internal", .internalServerError)
            }
        self.init("image-\(error.code.rawValue.hyphenated)", title, status, detail: error.told)
    }
}
