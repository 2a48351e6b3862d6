import Foundation

/// The scale of several images that one device took at one magnification.
public struct PooledScale: Sendable, Equatable {
    /// Fewest images with an estimate of their own.
    public static let minimumImages = 3
    /// How far an image's own estimate may be from the pooled one, as a share of it.
    public static let tolerance = 0.15
    /// What does not become less with more images: sets differ by as much in how their red cells look and are drawn.
    public static let systematicUncertainty = 0.04

    /// Diameter of a red cell as boxes are drawn (`RedCell`), in pixels.
    public let redCellPixels: Double
    /// One standard deviation, as a share of the diameter.
    public let relativeUncertainty: Double
    /// Number of images whose own estimates it rests on.
    public let images: Int
    /// Positions of the images whose own estimate disagrees with it.
    public let disagreeing: [Int]
    /// Positions of the images without an estimate of their own.
    public let refused: [Int]

    /// The median of the estimates.
    /// - Parameter estimates: One an image, all images of one size, upright or turned.
    /// - Returns: nil where too few images have an estimate, or a third of those that have disagree with the median.
    /// - Throws: `ImagingError` `invalidParameter` for images of several sizes.
    public static func pool(_ estimates: [ScaleEstimate]) throws -> PooledScale? {
        if let first = estimates.first,
            let other = estimates.first(where: { Set([$0.width, $0.height]) != Set([first.width, first.height]) })
        {
            throw ImagingError(
                .invalidParameter,
                "a scale is pooled over images of one size, not of \(first.width)x\(first.height) and "
                    + "\(other.width)x\(other.height) pixels")
        }
        return pool(estimates.map(\.redCellPixels))
    }

    /// As `pool(_:)`, of what was measured in images that are known to be of one size.
    /// - Parameter measured: Diameter of a red cell, one an image, in pixels of one size; nil where it was refused.
    public static func pool(_ measured: [Double?]) -> PooledScale? {
        let logarithms = measured.compactMap { $0.map { log($0) } }.sorted()
        guard logarithms.count >= minimumImages else { return nil }
        let middle = median(logarithms), pooled = exp(middle)
        // 1.4826 makes a standard deviation of the median distance, √(π/2) that of a median of a mean's.
        let deviation = 1.4826 * median(logarithms.map { abs($0 - middle) }.sorted())
        let statistical = 1.2533 * deviation / Double(logarithms.count).squareRoot()
        let disagreeing = measured.indices.filter { index in
            measured[index].map { abs($0 / pooled - 1) > tolerance } ?? false
        }
        guard 3 * disagreeing.count < logarithms.count else { return nil }
        return PooledScale(
            redCellPixels: pooled,
            relativeUncertainty: (statistical * statistical + systematicUncertainty * systematicUncertainty)
                .squareRoot(),
            images: logarithms.count, disagreeing: disagreeing,
            refused: measured.indices.filter { measured[$0] == nil })
    }

    /// The same in pixels of a reduced image.
    /// - Parameter factor: How many pixels of the image one pixel of the reduced one is wide.
    public func reduced(by factor: Double) -> PooledScale {
        PooledScale(
            redCellPixels: redCellPixels / factor, relativeUncertainty: relativeUncertainty, images: images,
            disagreeing: disagreeing, refused: refused)
    }

    private static func median(_ sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
