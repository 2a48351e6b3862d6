import Evaluation
import Foundation
import Imaging
import Packaging
import Tensors

/// What the training images look like, and how far from them an image may lie to be answered.
///
/// Fitted on nothing but the images that a model is made from; no unfamiliar image has a part in it.
/// - **Cloud:** every image, and one copy of each under another light, white balance, saturation, focus, noise and
///   compression (`variation`). Without the copies a lamp a tenth darker, or another file format, would be as
///   unfamiliar as another laboratory.
/// - **Scale:** each class is cut into five contiguous pieces, and each piece measured by a cloud that has none of it.
///   That distance is what an image of a slide will have that the cloud does not know, as far as files in order tell
///   slides apart. `margin` times the 99 % quantile of it gets the score of the threshold.
public struct AppearanceNovelty: Sendable {
    /// The distance of an image from the training images.
    public let distance: MahalanobisDistance
    /// The distance at which the score is `threshold`.
    public let scale: Double

    /// A score above it is refused.
    public static let threshold = 0.5
    /// Of the images that a cloud did not know, the share whose distance is within the quantile.
    static let acceptedShare = 0.99
    /// What a slide may lie beyond all slides that were known: a tenth.
    static let margin = 1.1
    /// Pieces a class is cut into.
    static let pieces = 5

    /// How lamps, cameras, focus and files differ from slide to slide.
    static var variation: Augmentation {
        var augmentation = Augmentation()
        augmentation.colour.probability = 1
        augmentation.colour.hueDegrees = 6
        augmentation.colour.saturation = 0.2
        augmentation.colour.value = 0.12
        augmentation.colour.channelGain = 0.05
        augmentation.focus.blur = 0.5
        augmentation.focus.blurDeviation = 1.2
        augmentation.noise.probability = 0.5
        augmentation.noise.deviation = 0.02
        augmentation.compression.probability = 0.5
        augmentation.compression.minimumQuality = 60
        augmentation.compression.maximumQuality = 98
        return augmentation
    }

    /// - Parameters:
    ///   - images: Preprocessed, as the network sees them.
    ///   - indices: The images that the model is made from, those for validation included.
    /// - Throws: `TrainingError` for an unreadable image, `ImagingError`, `EvaluationError` for too few images.
    public init(of images: PreparedImages, indices: [Int]) throws {
        let sorted = indices.sorted()
        try self.init(
            appearances: AuditImages.concurrently(sorted) {
                try ImageAppearance.measure(images.cache.image($0)).values
            },
            varied: AuditImages.concurrently(sorted) { index in
                try ImageAppearance.measure(
                    Self.variation.apply(to: images.cache.image(index), seed: UInt64(index))
                ).values
            },
            labels: sorted.map { images.labels[$0] })
    }

    /// - Parameters:
    ///   - appearances: `[n, ImageAppearance.count]`, in the order of the files.
    ///   - varied: The appearances of the varied copies.
    ///   - labels: `[n]`.
    /// - Throws: `EvaluationError` for too few images.
    public init(appearances: [[Double]], varied: [[Double]], labels: [Int]) throws {
        // Rounded as a package stores it, so that what is published of a fold is what its package would answer.
        func stored(_ values: [Double]) -> [Double] { values.map { Double(Float($0)) } }
        let fitted = try MahalanobisDistance(fitting: appearances + varied)
        distance = try MahalanobisDistance(
            center: stored(fitted.center), deviation: stored(fitted.deviation), whitening: stored(fitted.whitening))
        let piece = Self.pieces(of: labels)
        var unknown: [Double] = []
        for number in Set(piece).sorted() {
            let rest = piece.indices.filter { piece[$0] != number }
            let cloud = try MahalanobisDistance(fitting: rest.map { appearances[$0] } + rest.map { varied[$0] })
            unknown += piece.indices.filter { piece[$0] == number }.map { cloud.distance(of: appearances[$0]) }
        }
        unknown.sort()
        let rank = Int((Double(unknown.count) * Self.acceptedShare).rounded(.up)) - 1
        scale = Self.margin * max(1e-3, unknown[max(0, min(unknown.count - 1, rank))])
    }

    /// The number of the contiguous piece of its class that each image belongs to, from 0.
    private static func pieces(of labels: [Int]) -> [Int] {
        var totals: [Int: Int] = [:]
        for label in labels { totals[label, default: 0] += 1 }
        var seen: [Int: Int] = [:]
        return labels.map { label in
            let place = seen[label, default: 0]
            seen[label] = place + 1
            return place * pieces / max(1, totals[label, default: 1])
        }
    }

    /// The score of a preprocessed image; at `threshold` and below it is familiar.
    /// - Parameter appearance: `[ImageAppearance.count]`.
    public func score(of appearance: [Double]) -> Double {
        MahalanobisDistance.novelty(distance: distance.distance(of: appearance), scale: scale)
    }

    /// The scores of images of a cache.
    func scores(of images: PreparedImages, indices: [Int]) throws -> [Double] {
        try AuditImages.concurrently(indices) { score(of: try ImageAppearance.measure(images.cache.image($0)).values) }
    }

    /// What a package stores about it.
    public var reference: AppearanceReference {
        func tensor(_ values: [Double], _ shape: [Int]) -> Tensor {
            Tensor(shape: shape, values: values.map(Float.init))
        }
        let size = distance.center.count
        return AppearanceReference(
            center: tensor(distance.center, [size]), deviation: tensor(distance.deviation, [size]),
            whitening: tensor(distance.whitening, [size, size]))
    }

    /// What a package's description says about it.
    public var description: ModelDescription.Novelty {
        .init(method: .appearanceMahalanobis, threshold: Self.threshold, scale: scale)
    }
}

extension ModelPackage {
    /// Fits the appearance of the training images anew and writes a package with it, whose network stays as it is. A limit of
    /// novelty for Benign alone was chosen on the scores of before, so it is left out.
    /// - Parameters:
    ///   - images: Prepared by the package's own steps.
    ///   - indices: The images that the model was made from.
    ///   - place: The package to make or replace; nil for this one.
    /// - Throws: `TrainingError`, `PackagingError`, `EvaluationError`; what is there is then unchanged.
    @discardableResult
    public func refitAppearance(
        on images: PreparedImages, indices: [Int], to place: URL? = nil
    ) throws -> ModelPackage {
        let novelty = try AppearanceNovelty(of: images, indices: indices)
        var description = description
        description.novelty = novelty.description
        return try copied(description, adding: novelty.reference.parameters, to: place ?? directory)
    }

    /// Writes a package that tells Benign up to a novelty only; all else stays as it is.
    /// - Parameters:
    ///   - limit: Chosen on answers of this package.
    ///   - place: The package to make or replace; nil for this one.
    /// - Throws: `PackagingError` for a limit above the threshold; what is there is then unchanged.
    @discardableResult
    public func limitingBenign(to limit: BenignNoveltyLimit, in place: URL? = nil) throws -> ModelPackage {
        var description = description
        description.novelty.benignThreshold = limit.value
        // A program that does not know the limit has to refuse the package.
        description.formatVersion = ModelDescription.currentFormatVersion
        return try copied(description, to: place ?? directory)
    }

    private func copied(
        _ description: ModelDescription, adding tensors: [String: Tensor] = [:], to place: URL
    ) throws -> ModelPackage {
        let parameters = try Safetensors.read(directory.appendingPathComponent(FileName.parameters))
        return try ModelPackage.write(
            description, onnx: networkURL, parameters: parameters.merging(tensors) { $1 }, references: references,
            cells: cellModelURL, card: String(contentsOf: cardURL, encoding: .utf8),
            metrics: Data(contentsOf: metricsURL), to: place)
    }
}
