import Crypto
import Findings
import Formats
import Imaging
import Packaging

/// An image as it is screened: seen, measured and turned into the network's input.
struct PreparedImage: Sendable {
    let seen: SeenImage
    let sha256: String
    /// What the image looks like as the network sees it; nil where the package does not ask.
    let appearance: ImageAppearance?
    let quality: ImageQuality
    /// How far a regular pattern stands out, as of a screen's dots; nil where the image is too small to tell.
    let pattern: Double?
    /// `[3, height, width]` of the network's input.
    let tensor: [Float]
    let decode: Duration
    let preprocess: Duration

    init(_ image: ScreenedFile, sight: ImageSight, needsAppearance: Bool) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let decoded = try image.decoded ?? sight.decode(image.bytes)
        let middle = clock.now
        seen = try sight.see(decoded)
        quality = ImageQuality.assess(seen.input)
        pattern = try ScreenPattern.strength(of: decoded.image)
        appearance = needsAppearance ? try ImageAppearance.measure(seen.input) : nil
        tensor = seen.tensor()
        preprocess = clock.now - middle
        decode = middle - start
        sha256 = image.sha256
    }
}

/// A file to be screened, with its pixels where they are known already.
public struct ScreenedFile: Sendable {
    /// A JPEG, PNG, TIFF, BMP or WebP file.
    public let bytes: [UInt8]
    /// What `bytes` hold, at full size; nil where nobody has decoded them yet.
    public let decoded: DecodedImage?
    /// Diameter of a red cell as boxes are drawn around it, in pixels of the upright image; nil where it is to be measured.
    public let redCellPixels: Double?
    /// What is known of the microscope, in pixels of the upright image; nil where nothing is.
    public var site: SiteScale?
    /// That of other images of the sample by the same camera, in pixels of the upright image; counts where the image's own red cells
    /// tell nothing.
    public var pooled: PooledScale?

    /// - Parameters:
    ///   - bytes: The file.
    ///   - decoded: Its pixels, exactly as they would be decoded at full size; or nil.
    ///   - redCellPixels: Diameter of a red cell in pixels of the upright image, where it is known.
    ///   - site: What is known of the microscope; `redCellPixels` wins over it.
    public init(
        _ bytes: [UInt8], decoded: DecodedImage? = nil, redCellPixels: Double? = nil, site: SiteScale? = nil
    ) {
        (self.bytes, self.decoded, self.redCellPixels, self.site) = (bytes, decoded, redCellPixels, site)
    }

    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    var sha256: String { SHA256.hash(data: bytes).hexadecimal }
}

extension DecodedImage {
    /// How many pixels of the upright original one pixel of the image is wide, at least 1.
    var reduction: Double { Double(originalWidth) / Double(image.width) }
}

extension Duration {
    /// Rounded to a hundredth.
    var milliseconds: Double {
        ((self / .milliseconds(1)) * 100).rounded() / 100
    }
}
