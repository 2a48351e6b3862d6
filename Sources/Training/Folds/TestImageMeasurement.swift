import Evaluation
import Findings
import Imaging

/// What a decision on a test image rests on beside the network's answer, measured on the image as the network sees it.
public struct TestImageMeasurement: Codable, Sendable, Equatable {
    public let quality: ImageQuality
    /// How far a regular pattern stands out in the image as it was decoded; nil where it is too small to tell.
    public let pattern: Double?
    /// What is missing of a stained smear; nil where nothing is.
    public let missing: MissingContent?
    /// In what the image differs most from the training images; nil where no novelty is measured.
    public let aspect: AppearanceAspect?

    /// - Parameters:
    ///   - image: As the network sees it, before normalisation.
    ///   - original: As it was decoded; nil where nobody looks for a screen's pattern.
    ///   - novelty: What the training images look like; nil where no novelty is measured.
    /// - Throws: `ImagingError` for an image that cannot be measured.
    /// - Returns: The measurement, and the novelty score, 0 where none is measured.
    public static func measure(
        _ image: RGBImage, of original: RGBImage? = nil, novelty: AppearanceNovelty?
    ) throws -> (measurement: TestImageMeasurement, score: Double) {
        let appearance = try ImageAppearance.measure(image)
        let measurement = TestImageMeasurement(
            quality: .assess(image), pattern: try original.flatMap(ScreenPattern.strength),
            missing: appearance.content.missing,
            aspect: novelty.flatMap {
                ImageAppearance.foremostAspect(ofStandardized: $0.distance.standardized(appearance.values))
            })
        return (measurement, novelty?.score(of: appearance.values) ?? 0)
    }
}

extension QualityLimits {
    /// Limits that every training image keeps, with a margin: an image beyond them is unlike every training image.
    ///
    /// - Parameter qualities: Of the training images, at least one.
    public init(keeping qualities: [ImageQuality]) {
        func low(_ figure: (ImageQuality) -> Double) -> Double { qualities.map(figure).min() ?? 0 }
        self.init(
            minimumSharpness: low(\.sharpness) * 0.5, minimumBrightness: low(\.brightness) * 0.8,
            maximumBrightness: min(0.995, (qualities.map(\.brightness).max() ?? 0) * 1.1),
            minimumContrast: low(\.contrast) * 0.5)
    }

    /// The limits of a model that is made from some images of a cache.
    /// - Throws: `TrainingError` for an unreadable image.
    init(of images: PreparedImages, indices: [Int]) throws {
        self.init(keeping: try AuditImages.concurrently(indices) { .assess(try images.cache.image($0)) })
    }
}
