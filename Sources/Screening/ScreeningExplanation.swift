import Findings
import Imaging

/// An answer with what is needed to show how it came about.
public struct ScreeningExplanation: Sendable {
    /// The answer.
    public let result: ScreeningOutcome
    /// The image for display, neither side over `Screener.displaySide` pixels.
    public let image: RGBImage
    /// The class-activation map of `result.label`: `[mapHeight, mapWidth]`, 0 to 1.
    public let map: [Float]
    /// Cells.
    public let mapWidth: Int
    /// Cells.
    public let mapHeight: Int
    /// The image after each preprocessing step.
    public let preprocessing: [PreprocessingPicture]
}
