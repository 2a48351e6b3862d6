import CVision
import Foundation

/// Fixed changes of an image that leave what it shows as it is: by how much a model's figures fall under them tells how
/// much the model leans on colour, light, focus or burned-in marks.
///
/// Unlike `Augmentation` nothing is random, so that two models are asked the same. The strengths are those at which
/// a person still reads the smear alike.
public enum ImageVariation: String, CaseIterable, Codable, Sendable {
    /// The lower right corner, 16 % of each side, in one grey: no style of scale bar is left.
    case scaleBarMasked = "scale-bar-masked"
    /// Luma of ITU-R BT.601 in all channels.
    case greyscale
    /// The hue circle turned by 15 degrees: blue towards red, red towards yellow.
    case hueForward = "hue-forward"
    /// The hue circle turned by 15 degrees the other way.
    case hueBackward = "hue-backward"
    /// Distance of each colour from its grey times 1.4.
    case saturated
    /// Distance of each colour from its grey times 0.6.
    case desaturated
    /// Red times 1.1, blue times 0.9, as under a warmer lamp.
    case warmer
    /// Red times 0.9, blue times 1.1.
    case cooler
    /// Gaussian blur of 1.5 pixels where the image has the size that the network reads.
    case blurred
    /// Saved once more as JPEG of quality 25, the mildest of Hendrycks and Dietterich 2019 (ImageNet-C).
    case recompressed
    /// A tenth of the range added, the mildest of ImageNet-C.
    case brighter
    /// A tenth of the range taken off.
    case darker

    /// Whether the change is one of stain or white balance.
    public var isStainShift: Bool {
        switch self {
        case .hueForward, .hueBackward, .saturated, .desaturated, .warmer, .cooler: true
        case .scaleBarMasked, .greyscale, .blurred, .recompressed, .brighter, .darker: false
        }
    }

    /// The changed image, of the same size.
    /// - Parameters:
    ///   - image: Before any preprocessing.
    ///   - networkSide: The longer side of the images that the network reads, in pixels; blur is measured there.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image or side, or `processingFailed`.
    public func apply(to image: RGBImage, networkSide: Int) throws -> RGBImage {
        guard networkSide > 0 else {
            throw ImagingError(.invalidParameter, "a network reads no side of \(networkSide)")
        }
        switch self {
        case .scaleBarMasked:
            return try PreprocessingStep.maskCorner(
                widthFraction: 0.16, heightFraction: 0.16, red: 124, green: 116, blue: 104
            ).apply(to: image)
        case .blurred:
            return try image.blurred(deviation: 1.5 * Double(max(image.width, image.height)) / Double(networkSide))
        case .recompressed: return try ImageDecoder.decode(ImageEncoder.jpeg(image, quality: 25))
        case .greyscale: return try image.mappingColours(.saturation(0))
        case .hueForward: return try image.mappingColours(.hueTurn(degrees: 15))
        case .hueBackward: return try image.mappingColours(.hueTurn(degrees: -15))
        case .saturated: return try image.mappingColours(.saturation(1.4))
        case .desaturated: return try image.mappingColours(.saturation(0.6))
        case .warmer: return try image.mappingColours(.gains(red: 1.1, green: 1, blue: 0.9))
        case .cooler: return try image.mappingColours(.gains(red: 0.9, green: 1, blue: 1.1))
        case .brighter: return try image.mappingColours(.lightness(25.5))
        case .darker: return try image.mappingColours(.lightness(-25.5))
        }
    }
}

/// An affine map of colours of 0 to 255.
struct ColourMap {
    /// `[3, 3]`, row-major: the new red, green and blue of the old ones.
    let matrix: [Double]
    let offset: [Double]

    /// Weights of red, green and blue in the luma, ITU-R BT.601.
    private static let luma = [0.299, 0.587, 0.114]

    /// The distance from grey times `factor`.
    static func saturation(_ factor: Double) -> ColourMap {
        let matrix = (0..<9).map { (1 - factor) * luma[$0 % 3] + ($0 % 4 == 0 ? factor : 0) }
        return ColourMap(matrix: matrix, offset: [0, 0, 0])
    }

    /// A turn around the grey axis (Rodrigues' rotation formula), which keeps the mean of the three.
    static func hueTurn(degrees: Double) -> ColourMap {
        let (cosine, sine) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180) / 3.0.squareRoot())
        let side = (1 - cosine) / 3
        let (next, last) = (side - sine, side + sine)
        return ColourMap(
            matrix: [cosine + side, next, last, last, cosine + side, next, next, last, cosine + side],
            offset: [0, 0, 0])
    }

    static func gains(red: Double, green: Double, blue: Double) -> ColourMap {
        ColourMap(matrix: [red, 0, 0, 0, green, 0, 0, 0, blue], offset: [0, 0, 0])
    }

    static func lightness(_ offset: Double) -> ColourMap {
        ColourMap(matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1], offset: [offset, offset, offset])
    }
}

extension RGBImage {
    /// Blurred by a Gaussian.
    /// - Parameter deviation: Standard deviation in pixels, above 0 and at most 1000.
    /// - Throws: `ImagingError` `invalidParameter` or `processingFailed`.
    public func blurred(deviation: Double) throws -> RGBImage {
        guard deviation > 0, deviation <= 1000 else {
            throw ImagingError(.invalidParameter, "a blur of \(deviation) pixels is outside 0 to 1000")
        }
        return try mapped { cv_blur($0, $1, $2, deviation, $3, $4) }
    }

    func mappingColours(_ map: ColourMap) throws -> RGBImage {
        try mapped { cv_map_colours($0, $1, $2, map.matrix, map.offset, $3, $4) }
    }
}
