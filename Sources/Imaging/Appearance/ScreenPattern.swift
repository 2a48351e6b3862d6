import CVision
import NativeCalls

/// The pattern of dots that a screen leaves in a photograph of it.
public enum ScreenPattern {
    /// Pixels of the shorter side; in smaller pictures nothing can be told.
    public static let smallestSide = 400

    /// How far the strongest regular pattern stands above detail of its own size: the natural logarithm of amplitudes, 0 and
    /// up. Pictures through microscopes stay under 3.3; what is accepted is `DecisionFacts.greatestPattern`.
    ///
    /// - Parameter image: As it was decoded.
    /// - Returns: Nil for an image that is too small to tell.
    /// - Throws: `ImagingError` `processingFailed`.
    public static func strength(of image: RGBImage) throws -> Double? {
        guard min(image.width, image.height) >= smallestSide else { return nil }
        var strength = 0.0
        try image.read { cv_pattern($0, $1, $2, &strength, $3) }
        return strength
    }
}
