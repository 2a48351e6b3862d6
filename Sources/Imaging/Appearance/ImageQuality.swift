import CVision
import Findings
import NativeCalls

extension ImageQuality {
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
