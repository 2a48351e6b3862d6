import CVision

extension PreprocessingStep {
    /// The image after this step; `normalize(mean:deviation:)` leaves it as it is.
    /// - Throws: `ImagingError` `invalidParameter` or `processingFailed`.
    func apply(to image: RGBImage) throws -> RGBImage {
        switch self {
        case .denoise(let strength, .bilateral):
            try image.mapped { cv_denoise_bilateral($0, $1, $2, strength, $3, $4) }
        case .denoise(let strength, .nonLocalMeans):
            try image.mapped { cv_denoise_nonlocal($0, $1, $2, strength, $3, $4) }
        case .contrast(let clipLimit, let tiles):
            try image.mapped { cv_equalize($0, $1, $2, clipLimit, Int32(tiles), $3, $4) }
        case .stainNormalization(.reinhard(let mean, let deviation)):
            try image.mapped { cv_reinhard($0, $1, $2, mean, deviation, $3, $4) }
        case .stainNormalization(.macenko(let stains, let maxima)):
            try image.mapped { cv_macenko($0, $1, $2, stains.flatMap { $0 }, maxima, $3, $4) }
        case .maskCorner:
            try image.mapped { pixels, width, height, output, error in
                withUnsafePointer(to: cornerMask ?? CVCornerMask()) {
                    cv_mask_corner(pixels, width, height, $0, output, error)
                }
            }
        case .resize(let width, let height): try image.resized(width: width, height: height)
        case .normalize: image
        }
    }

    /// The mask as CVision takes it; nil for other steps.
    var cornerMask: CVCornerMask? {
        guard case .maskCorner(let widthFraction, let heightFraction, let red, let green, let blue) = self else {
            return nil
        }
        return CVCornerMask(
            widthFraction: widthFraction, heightFraction: heightFraction, red: red, green: green, blue: blue)
    }
}

extension RGBImage {
    /// Resized without keeping the aspect ratio: by area when both sides shrink, else bilinearly.
    /// - Parameters:
    ///   - width: In pixels, 1 to 8192; `height` likewise.
    /// - Throws: `ImagingError` `invalidParameter` for an impossible size.
    public func resized(width: Int, height: Int) throws -> RGBImage {
        guard (1...8192).contains(width), (1...8192).contains(height) else {
            throw ImagingError(.invalidParameter, "an image cannot be resized to \(width)x\(height)")
        }
        return try reduced(width: width, height: height)
    }

    /// Reduced by area, whatever the size.
    func reduced(width: Int, height: Int) throws -> RGBImage {
        try mapped(width: width, height: height) { cv_resize($0, $1, $2, $3, Int32(width), Int32(height), $4) }
    }
}
