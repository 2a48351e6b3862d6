/// Up to which novelty Benign is told: as many benign images as a stated share are given up, and with them every image of
/// leukaemia that a network takes for benign and that looks as strange.
public struct BenignNoveltyLimit: Sendable, Equatable {
    /// The share that is given up where nobody states another: one benign image in forty.
    public static let standardShare = 0.025

    /// The greatest novelty at which Benign is told; never above the threshold of refusal.
    public let value: Double
    /// Images that it was chosen on.
    public let images: Int
    /// Those of them that it leaves open.
    public let givenUp: Int

    /// - Parameters:
    ///   - novelties: Of benign images that would be reported as Benign without the limit, by a model that did not learn
    ///     from them.
    ///   - share: The greatest share of them that may be left open, 0 up to but not including 1.
    ///   - threshold: Above it every image is refused.
    /// - Returns: Nil where there is no image, from which no limit follows.
    /// - Throws: `EvaluationError` for a share out of range.
    public init?(novelties: [Double], share: Double = standardShare, threshold: Double) throws {
        guard share >= 0, share < 1 else {
            throw EvaluationError(
                code: .parameter, message: "the share that is given up, \(share), is not 0 to under 1")
        }
        let sorted = novelties.sorted()
        let kept = sorted.count - Int((Double(sorted.count) * share).rounded(.down))
        guard kept > 0 else { return nil }
        let greatest = sorted[kept - 1]
        // Rounded up, so that the image on the limit keeps its answer wherever its score is computed.
        let value = min(threshold, max(greatest, (greatest * 1e4).rounded(.up) / 1e4))
        self.value = value
        images = sorted.count
        givenUp = sorted.count { $0 > value }
    }
}
