import CVision

/// Figures that tell whether a picture is in focus, well lit and a stained smear at all.
///
/// Sharpness depends on the size of the picture: compare values only at one size, such as the network's input.
public struct ImageQuality: Sendable, Equatable, Codable {
    /// Variance of the Laplacian of the grey levels (0 to 255), in grey levels squared, 0 and up; more is sharper
    /// (Pech-Pacheco et al., *Diatom autofocusing in brightfield microscopy*, ICPR 2000).
    public let sharpness: Double
    /// Mean grey level, 0 (black) to 1 (white).
    public let brightness: Double
    /// Standard deviation of the grey level, 0 to 0.5.
    public let contrast: Double
    /// Share of the area in the violet-blue to purple of stained nuclei (hue 220° to 340°, saturation over 24 %), 0 to 1.
    public let stainedFraction: Double
    /// Share of the area that is bright and nearly colourless, as the glass between cells, 0 to 1.
    public let backgroundFraction: Double
    /// Share of the area at the very ends of the grey scale, where exposure has lost all detail, 0 to 1.
    public let clippedFraction: Double

    public init(
        sharpness: Double, brightness: Double, contrast: Double, stainedFraction: Double, backgroundFraction: Double,
        clippedFraction: Double
    ) {
        self.sharpness = sharpness
        self.brightness = brightness
        self.contrast = contrast
        self.stainedFraction = stainedFraction
        self.backgroundFraction = backgroundFraction
        self.clippedFraction = clippedFraction
    }

    /// Measures `image` as it is, at its own size.
    /// - Precondition: The image is not empty; every decoded one is not.
    public static func assess(_ image: RGBImage) -> ImageQuality {
        precondition(image.width > 0 && image.height > 0, "an empty image has no quality")
        var quality = CVQuality()
        do {
            try image.read { cv_quality($0, $1, $2, &quality, $3) }
        } catch {
            // Any image can be measured: what fails here is memory, where Swift's own arrays trap as well.
            preconditionFailure("image quality: \(error)")
        }
        return ImageQuality(
            sharpness: quality.sharpness, brightness: quality.brightness, contrast: quality.contrast,
            stainedFraction: quality.stainedFraction, backgroundFraction: quality.backgroundFraction,
            clippedFraction: quality.clippedFraction)
    }
}
