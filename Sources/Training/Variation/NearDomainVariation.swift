import Findings
import Imaging
import Randomness

/// Changes training images as another lamp, camera or stain would show them, so that a network meets in training what it must
/// not be sure and wrong about.
///
/// Only changes that leave every pixel at its place: orientations and sizes are the augmentation's, and the places of the
/// nuclei must stay true.
struct NearDomainVariation: Sendable {
    private static let changes = NearDomainChange.allCases.filter(\.keepsPlaces)

    let probability: Double
    private let reference: NearDomainReference

    /// Measures the images that are trained on; no other image gives colours.
    /// - Parameter labels: The class number of every image of the cache.
    /// - Throws: `TrainingError` naming an unreadable file; `ImagingError` where no image is stained.
    init(probability: Double, cache: ImageCache, labels: [Int], training: [Int]) throws {
        self.probability = probability
        reference = try NearDomainReference(
            AuditImages.concurrently(training) { index in
                try .init(cache.image(index), isMalignant: SmearClass.isMalignant(labels[index]), measuresScale: false)
            })
    }

    /// The image as it is, or changed; decided by the generator.
    func apply(to image: RGBImage, using generator: inout SplitMix64) throws -> RGBImage {
        guard generator.nextUnit() < probability else { return image }
        let change = Self.changes[generator.next(below: Self.changes.count)]
        return try change.apply(to: image, redCellPixels: 0, reference: reference, seed: generator.next())
    }
}
