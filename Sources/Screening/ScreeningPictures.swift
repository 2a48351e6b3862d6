import Findings
import Imaging

/// The pictures that go with an answer, as files, and what they show.
///
/// One of every `PictureKind` but the original and what is made of others; the heat map's `map` only where the image was not
/// rejected, the sheets of cells only where they are kept. No file holds anything but pixels.
public struct ScreeningPictures: Sendable {
    /// What pictures are made for.
    public enum Purpose: Sendable {
        /// To be stored with a case.
        case keeping
        /// To be embedded in a page that is not kept and has no gallery of cells.
        case showing
    }

    /// The bytes of each file.
    public let files: [(kind: PictureKind, bytes: [UInt8])]
    public let analytics: ScreeningAnalytics
    /// The white cells whose crops lie in the sheets, the surest first.
    public let cells: [ScreenedCell]
    /// By what other images of the same field are found; nil where nothing is kept.
    public let likeness: FieldLikeness?

    /// The file of that name, or `nil`.
    public subscript(name: String) -> [UInt8]? { files.first { $0.kind.name == name }?.bytes }
}

/// An answer with what is needed to show how it came about.
public struct ScreeningExplanation: Sendable {
    /// The answer.
    public let result: ScreeningOutcome
    /// The image for display, neither side over `Screener.displaySide` pixels.
    public let image: RGBImage
    /// The class-activation map of `result.label`: `[mapHeight, mapWidth]`, 0 to 1; of a cut image those of its fields, laid at
    /// their places.
    public let map: [Float]
    /// Cells.
    public let mapWidth: Int
    /// Cells.
    public let mapHeight: Int
    /// The image, or one field of it, after each preprocessing step.
    public let preprocessing: [PreprocessingPicture]
    /// Which field that is, from 1; nil for the whole image.
    public let shownField: Int?
    /// The white cells, the surest first; none where the model reads no cells.
    public let cells: [ScreenedCell]
}
