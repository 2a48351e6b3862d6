/// 64 bits that stay nearly the same when a picture is scaled, recompressed or slightly relit.
///
/// The signs of the lowest 8 x 8 frequencies of the cosine transform of a grey miniature (the mean left out), after
/// Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1.
public struct PerceptualHash: Sendable, Hashable, Codable {
    public let bits: UInt64

    public init(bits: UInt64) { self.bits = bits }

    /// The hash of the upright image.
    ///
    /// - Throws: `ImagingError` when the native call fails.
    public init(of image: RGBImage) throws {
        self = try ImageSimilarity(of: image).hash
    }

    /// Number of bits that differ, 0...64.
    public func distance(to other: PerceptualHash) -> Int {
        (bits ^ other.bits).nonzeroBitCount
    }
}
