import Formats
import Foundation

/// What `leukoscope-lab scale evaluate` writes.
public struct ScaleTrialResults: Sendable, Codable {
    /// Of the images of one set in one half.
    public struct BoxedSet: Sendable, Codable {
        public let set: String
        /// `chosen` on, or `held out`.
        public let part: String
        public let figures: ScaleFigures
        /// The outlines alone and the discs alone, wherever they found a red cell.
        public let outlines: ScaleFigures
        public let discs: ScaleFigures
        /// One constant for the set: the median of the chosen half.
        public let constant: ScaleFigures
        public let refusals: [String: Int]
    }

    public struct Range: Sendable, Codable {
        /// Factors that images were resized by.
        public let from: Double
        public let to: Double
        public let figures: ScaleFigures
    }

    /// A held-out image whose estimate is more than 15 % off.
    public struct Failure: Sendable, Codable {
        public let set: String
        public let file: String
        public let factor: Double
        public let truth: Double
        public let outlines: Double
        public let discs: Double
    }

    /// Images without boxes, compared with the usual estimate of their acquisition run.
    public struct Series: Sendable, Codable {
        public let name: String
        public let images: Int
        public let refused: Double
        /// Median, and 5th and 95th of 100, of the red cell from edge to edge, in pixels.
        public let edgePixels: [Double]
        /// Whole images, and a quarter of each, against the median of the whole ones.
        public let whole: ScaleFigures
        public let quarter: ScaleFigures
    }

    public struct Drawn: Sendable, Codable {
        public let redCellScale: Double
        public let side: Int
        public let figures: ScaleFigures
    }

    public struct Pooled: Sendable, Codable {
        public let set: String
        public let imagesEach: Int
        public let figures: ScaleFigures
    }

    public let seed: UInt64
    public let boxPerEdge: Double
    /// Images of the second set left out because the first has them too.
    public let copiesRemoved: Int
    public let sets: [BoxedSet]
    public let heldOut: ScaleFigures
    public let ranges: [Range]
    public let failures: [Failure]
    public let pooled: [Pooled]
    public let series: [Series]
    public let drawn: [Drawn]

    /// The results file.
    /// - Throws: `EncodingError`, for a number that is not finite.
    public func json() throws -> Data { try JSONFormat.file.data(self) }
}
