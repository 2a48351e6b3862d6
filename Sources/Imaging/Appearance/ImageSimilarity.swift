import CVision

/// What is kept of an image to find others that show the same: hashes to look it up, a miniature to compare.
public struct ImageSimilarity: Sendable {
    /// The hash of each orientation: upright, three quarter turns, and the same four mirrored.
    public let hashes: [PerceptualHash]
    /// `[32, 32]` grey values of mean 0 and length 1; all 0 where the image is flat.
    public let miniature: [Float]

    /// - Throws: `ImagingError` when the native call fails.
    public init(of image: RGBImage) throws {
        var hashes = [UInt64](repeating: 0, count: CVOrientations)
        var miniature = [Float](repeating: 0, count: CVMiniatureSide * CVMiniatureSide)
        try image.read { cv_signature($0, $1, $2, &hashes, &miniature, $3) }
        self.hashes = hashes.map(PerceptualHash.init(bits:))
        self.miniature = miniature
    }

    /// The hash of the upright image.
    public var hash: PerceptualHash { hashes[0] }

    /// Fewest bits in which the upright `other` differs from any orientation of this image, 0...64.
    public func distance(to other: ImageSimilarity) -> Int {
        hashes.reduce(64) { min($0, $1.distance(to: other.hash)) }
    }

    /// Largest correlation of the miniatures over all orientations, -1...1; 0 where one is flat.
    public func correlation(with other: ImageSimilarity) -> Float {
        cv_correlation(miniature, other.miniature)
    }
}
