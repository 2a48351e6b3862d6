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
        (self.geometry, self.stain, self.colour, self.light) = (geometry, stain, colour, light)
        (self.focus, self.noise, self.compression, self.erasing) = (focus, noise, compression, erasing)
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

    /// The same strengths as the native call takes them.
    var native: CVAugmentation {
        CVAugmentation(
            horizontalFlip: geometry.horizontalFlip, verticalFlip: geometry.verticalFlip,
            quarterTurn: geometry.quarterTurn, affine: geometry.affine, rotationDegrees: geometry.rotationDegrees,
            minimumScale: geometry.minimumScale, maximumScale: geometry.maximumScale,
            shiftFraction: geometry.shiftFraction, stretch: geometry.stretch,
            stain: stain.probability, stainGain: stain.gain, stainBias: stain.bias,
            colour: colour.probability, hueDegrees: colour.hueDegrees, saturation: colour.saturation,
            value: colour.value, channelGain: colour.channelGain, gamma: colour.gamma,
            greyscale: colour.greyscale, channelMix: colour.channelMix, channelMixStrength: colour.channelMixStrength,
            light: light.probability, brightness: light.brightness, contrast: light.contrast,
            blur: focus.blur, blurDeviation: focus.blurDeviation, sharpen: focus.sharpen,
            sharpenAmount: focus.sharpenAmount,
            noise: noise.probability, noiseDeviation: noise.deviation,
            jpeg: compression.probability, minimumQuality: compression.minimumQuality,
            maximumQuality: compression.maximumQuality,
            erasing: erasing.probability, minimumArea: erasing.minimumArea, maximumArea: erasing.maximumArea)
    }

    /// Checks every strength against its documented range.
    ///
    /// - Throws: `ImagingError` that names the first strength outside its range, and the range.
    public func validate() throws {
        try check("geometry.horizontalFlip", geometry.horizontalFlip, 0...1)
        try check("geometry.verticalFlip", geometry.verticalFlip, 0...1)
        try check("geometry.quarterTurn", geometry.quarterTurn, 0...1)
        try check("geometry.affine", geometry.affine, 0...1)
        try check("geometry.rotationDegrees", geometry.rotationDegrees, 0...180)
        try check("geometry.maximumScale", geometry.maximumScale, 0.25...4)
        try check("geometry.minimumScale", geometry.minimumScale, 0.25...geometry.maximumScale)
        try check("geometry.shiftFraction", geometry.shiftFraction, 0...0.5)
        try check("geometry.stretch", geometry.stretch, 0...1)
        try check("stain.probability", stain.probability, 0...1)
        try check("stain.gain", stain.gain, 0...1)
        try check("stain.bias", stain.bias, 0...0.5)
        try validateColour()
        try check("focus.blur", focus.blur, 0...1)
        try check("focus.blurDeviation", focus.blurDeviation, 0...10)
        try check("focus.sharpen", focus.sharpen, 0...1)
        try check("focus.sharpenAmount", focus.sharpenAmount, 0...3)
        try check("noise.probability", noise.probability, 0...1)
        try check("noise.deviation", noise.deviation, 0...0.5)
        try check("compression.probability", compression.probability, 0...1)
        try check("compression.maximumQuality", compression.maximumQuality, 5...100)
        try check("compression.minimumQuality", compression.minimumQuality, 5...compression.maximumQuality)
        try check("erasing.probability", erasing.probability, 0...1)
        try check("erasing.maximumArea", erasing.maximumArea, 0...0.5)
        try check("erasing.minimumArea", erasing.minimumArea, 0...erasing.maximumArea)
    }

    private func validateColour() throws {
        try check("colour.probability", colour.probability, 0...1)
        try check("colour.hueDegrees", colour.hueDegrees, 0...180)
        try check("colour.saturation", colour.saturation, 0...1)
        try check("colour.value", colour.value, 0...1)
        try check("colour.channelGain", colour.channelGain, 0...1)
        try check("colour.gamma", colour.gamma, 0...0.9)
        try check("colour.greyscale", colour.greyscale, 0...1)
        try check("colour.channelMix", colour.channelMix, 0...1)
        try check("colour.channelMixStrength", colour.channelMixStrength, 0...1)
        try check("light.probability", light.probability, 0...1)
        try check("light.brightness", light.brightness, 0...0.5)
        try check("light.contrast", light.contrast, 0...0.9)
    }

    private func check(_ name: String, _ value: Float, _ range: ClosedRange<Float>) throws {
        guard range.contains(value) else {
            throw ImagingError(
                .invalidParameter,
                "augmentation \(name) is \(value), but must lie in \(range.lowerBound)...\(range.upperBound)")
        }
    }
}
