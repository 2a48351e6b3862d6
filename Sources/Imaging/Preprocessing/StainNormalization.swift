import CVision

/// Brings the colours of differently stained smears to declared targets.
public enum StainNormalization: Sendable, Equatable {
    /// Shifts and scales each channel of CIE Lab to the target mean and standard deviation, after Reinhard, Ashikhmin,
    /// Gooch and Shirley, *Color transfer between images*, IEEE CG&A 21(5), 2001 (there in lαβ, here in CIE Lab).
    ///
    /// Order L (0 to 100), a, b; three numbers each.
    case reinhard(mean: [Double], deviation: [Double])

    /// Finds the two stains of the image as the extreme directions of optical density and recolours them, after Macenko
    /// et al., *A method for normalizing histology slides for quantitative analysis*, ISBI 2009.
    ///
    /// `stains`: two unit vectors of optical density (red, green, blue), the blue stain first. `maximumConcentrations`:
    /// the target 99th percentile of the amount of each.
    case macenko(stains: [[Double]], maximumConcentrations: [Double])

    /// Reinhard's method with the statistics of `image` as the target.
    /// - Throws: `ImagingError` `invalidParameter` when the image is empty.
    public static func reinhard(matching image: RGBImage) throws -> StainNormalization {
        var mean = [0.0, 0, 0]
        var deviation = [0.0, 0, 0]
        try image.read { cv_lab_statistics($0, $1, $2, &mean, &deviation, $3) }
        return .reinhard(mean: mean, deviation: deviation)
    }

    /// Macenko's method with the stains of `image` as the target; nil for an image with less than 1 % of stained pixels.
    /// - Throws: `ImagingError` `invalidParameter` when the image is empty, or `processingFailed`.
    public static func macenko(matching image: RGBImage) throws -> StainNormalization? {
        var stains = [Double](repeating: 0, count: 6)
        var maxima = [0.0, 0]
        var isStained: Int32 = 0
        try image.read { cv_macenko_stains($0, $1, $2, &stains, &maxima, &isStained, $3) }
        guard isStained != 0 else { return nil }
        return .macenko(stains: [Array(stains[0..<3]), Array(stains[3..<6])], maximumConcentrations: maxima)
    }

    /// The image with the target colours.
    /// - Throws: `ImagingError` `invalidParameter` for impossible targets or an empty image.
    public func apply(to image: RGBImage) throws -> RGBImage {
        try validate()
        return try PreprocessingStep.stainNormalization(self).apply(to: image)
    }

    func validate() throws {
        switch self {
        case .reinhard(let mean, let deviation):
            guard mean.count == 3, deviation.count == 3, (mean + deviation).allSatisfy(\.isFinite),
                deviation.allSatisfy({ $0 > 0 })
            else {
                throw ImagingError(
                    .invalidParameter, "Reinhard's method needs three means and three positive deviations")
            }
        case .macenko(let stains, let maxima):
            guard stains.count == 2, stains.allSatisfy({ $0.count == 3 && $0.allSatisfy(\.isFinite) }),
                maxima.count == 2, maxima.allSatisfy({ $0.isFinite && $0 > 0 })
            else {
                throw ImagingError(
                    .invalidParameter, "Macenko's method needs two stains of three numbers and two positive maxima")
            }
        }
    }
}
