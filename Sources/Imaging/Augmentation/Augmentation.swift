import CVision

/// Random variation of training images: geometry, stain and colour, light, focus, noise, compression, missing parts.
///
/// Every strength is a half-width around "unchanged" and every probability lies in 0...1, so that a step left out has
/// probability 0. The steps run in the order of the properties, in one native call.
///
/// Colour is varied strongly on purpose: in smear data sets the stain of a series gives its class away, and a network
/// must not be able to use that. Stain jitter after Tellez et al. 2019, Med. Image Anal. 58, 101544.
public struct Augmentation: Codable, Sendable, Equatable {
    public var geometry: Geometry
    public var stain: Stain
    public var colour: Colour
    public var light: Light
    public var focus: Focus
    public var noise: Noise
    public var compression: Compression
    public var erasing: Erasing

    /// Steps left out are switched off.
    public init(
        geometry: Geometry = Geometry(), stain: Stain = Stain(), colour: Colour = Colour(), light: Light = Light(),
        focus: Focus = Focus(), noise: Noise = Noise(), compression: Compression = Compression(),
        erasing: Erasing = Erasing()
    ) {
        self.geometry = geometry
        self.stain = stain
        self.colour = colour
        self.light = light
        self.focus = focus
        self.noise = noise
        self.compression = compression
        self.erasing = erasing
    }

    /// A variation of `image` of the same size.
    ///
    /// - Parameters:
    ///   - image: What is varied.
    ///   - seed: The variation is deterministic for a seed, on every machine and thread.
    /// - Throws: `ImagingError` when a strength is outside its documented range or the native call fails.
    public func apply(to image: RGBImage, seed: UInt64) throws -> RGBImage {
        try validate()
        var strengths = native
        return try image.mapped { cv_augment($0, $1, $2, &strengths, seed, $3, $4) }
    }
}
