import CVision
import Findings

/// One declared step between the decoded photograph and the network, with its parameters.
///
/// In `model.json` a step is an object such as `{"step": "resize", "width": 224, "height": 224}`.
public enum PreprocessingStep: Sendable, Equatable {
    /// Smoothing that keeps edges; `strength` in grey levels of 255, above 0 and at most 100.
    case denoise(strength: Double, method: Denoising = .bilateral)
    /// Contrast-limited adaptive histogram equalisation of the lightness of CIE Lab (Zuiderveld 1994) on `tiles` by
    /// `tiles` fields (1 to 64), the histogram cut at `clipLimit` (above 0, at most 40) times its mean height.
    case contrast(clipLimit: Double, tiles: Int)
    /// Colours brought to declared targets.
    case stainNormalization(StainNormalization)
    /// Paints the lower right corner over, where microscopes burn in a scale bar whose style gives the class away.
    /// Fractions of the sides, 0 to 1; colour 0 to 255.
    case maskCorner(widthFraction: Double, heightFraction: Double, red: UInt8, green: UInt8, blue: UInt8)
    /// To this size in pixels, 1 to 8192 a side, without keeping the aspect ratio: by area when both sides shrink, else bilinearly.
    case resize(width: Int, height: Int)
    /// `(value / 255 - mean) / deviation` for red, green and blue; only as the last step.
    case normalize(mean: [Float], deviation: [Float])

    /// The way `denoise(strength:method:)` smooths.
    public enum Denoising: String, Sendable, Codable, CaseIterable {
        /// Tomasi and Manduchi, *Bilateral filtering for gray and color images*, ICCV 1998; 5 by 5 pixels, fast.
        case bilateral
        /// Buades, Coll and Morel, *A non-local algorithm for image denoising*, CVPR 2005; about a hundred times slower.
        case nonLocalMeans = "non-local-means"
    }

    /// The name in `model.json`.
    public var name: String { kind.rawValue }

    enum Kind: String, Codable {
        case denoise, contrast, resize, normalize
        case stainNormalization = "stain-normalization"
        case maskCorner = "mask-corner"
    }

    var kind: Kind {
        switch self {
        case .denoise: .denoise
        case .contrast: .contrast
        case .stainNormalization: .stainNormalization
        case .maskCorner: .maskCorner
        case .resize: .resize
        case .normalize: .normalize
        }
    }

    /// - Throws: `ImagingError` `invalidParameter` naming the parameter outside its range.
    func validate() throws {
        switch self {
        case .denoise(let strength, _):
            try require(strength > 0 && strength <= 100, "strength must be above 0 and at most 100")
        case .contrast(let clipLimit, let tiles):
            try require(clipLimit > 0 && clipLimit <= 40, "clipLimit must be above 0 and at most 40")
            try require((1...64).contains(tiles), "tiles must be 1 to 64")
        case .stainNormalization(let method): try method.validate()
        case .maskCorner(let width, let height, _, _, _):
            try require((0...1).contains(width) && (0...1).contains(height), "fractions must be 0 to 1")
        case .resize(let width, let height):
            try require((1...8192).contains(width) && (1...8192).contains(height), "sides must be 1 to 8192 pixels")
        case .normalize(let mean, let deviation):
            try require(mean.count == 3 && mean.allSatisfy(\.isFinite), "mean needs three numbers")
            try require(
                deviation.count == 3 && deviation.allSatisfy { $0.isFinite && $0 > 0 },
                "deviation needs three positive numbers")
        }
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw ImagingError(.invalidParameter, "step \(name): \(message)") }
    }
}

extension PreprocessingStep {
    /// The parameters, to be told in the reader's language.
    public var told: Message {
        switch self {
        case .denoise(let strength, .bilateral):
            Message("analytics.settings.bilateral", ["strength": "\(strength)"])
        case .denoise(let strength, .nonLocalMeans):
            Message("analytics.settings.nonLocalMeans", ["strength": "\(strength)"])
        case .contrast(let clipLimit, let tiles):
            Message("analytics.settings.contrast", ["limit": "\(clipLimit)", "tiles": "\(tiles)"])
        case .stainNormalization(.reinhard): Message("analytics.settings.reinhard")
        case .stainNormalization(.macenko): Message("analytics.settings.macenko")
        case .maskCorner(let width, let height, _, _, _):
            Message(
                "analytics.settings.corner",
                ["width": "\(Int((width * 100).rounded())) %", "height": "\(Int((height * 100).rounded())) %"])
        case .resize(let width, let height):
            Message("analytics.pixels", ["size": "\(width) × \(height)"])
        case .normalize: Message("analytics.settings.normalize")
        }
    }

    /// The parameters as a person would read them, in English.
    public var parametersInWords: String {
        switch self {
        case .denoise(let strength, .bilateral): "bilateral filter, strength \(strength)"
        case .denoise(let strength, .nonLocalMeans): "non-local means, strength \(strength)"
        case .contrast(let clipLimit, let tiles): "clip limit \(clipLimit), \(tiles) × \(tiles) fields"
        case .stainNormalization(.reinhard): "Reinhard, to the training colours"
        case .stainNormalization(.macenko): "Macenko, to the reference stains"
        case .maskCorner(let width, let height, _, _, _):
            "lower right corner, \(Int((width * 100).rounded())) % × \(Int((height * 100).rounded())) %"
        case .resize(let width, let height): "\(width) × \(height) pixels"
        case .normalize: "mean and deviation of the pretraining images"
        }
    }

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
