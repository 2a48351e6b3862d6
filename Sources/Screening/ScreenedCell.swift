import Cells
import Findings
import Imaging

/// A white cell of a screened image, cut out.
public struct ScreenedCell: Sendable {
    /// Of this image, from 1; the surest first.
    public let number: Int
    /// Around the cell, in pixels of the upright original, from the left and the top.
    public let box: OutlinedCell.Box
    public let type: CellType
    /// How probable `type` is, 0 to 1; of an unsure cell that of the likeliest type.
    public let typeProbability: Double
    /// How much it looks like a blast, calibrated, 0 to 1.
    public let blastEvidence: Double
    /// How sure the finder is that a cell is here, 0 to 1.
    public let confidence: Double
    /// What tells it from other cells.
    public let embedding: CellEmbedding
    /// In areas of a red cell.
    public let nucleusArea: Double
    /// The cell with a little of what lies around it, as it is in the decoded image.
    public let picture: RGBImage

    /// What is shown around a cell, as a share of its box on each side.
    private static let surroundings = 0.15

    init(_ cell: ReadCell, number: Int, of decoded: DecodedImage) {
        self.number = number
        let (found, image, reduction) = (cell.found.box, decoded.image, decoded.reduction)
        box = OutlinedCell.Box(
            left: found.left * reduction, top: found.top * reduction, right: found.right * reduction,
            bottom: found.bottom * reduction)
        type = cell.type
        typeProbability =
            cell.typeProbabilities[cell.type] ?? cell.typeProbabilities.values.max() ?? 0
        blastEvidence = cell.blastProbability
        nucleusArea = cell.found.outlined.nucleusArea
        (confidence, embedding) = (cell.found.confidence, cell.embedding)
        func range(_ low: Double, _ high: Double, _ length: Int) -> Range<Int> {
            let rim = (high - low) * Self.surroundings
            let first = min(length - 1, max(0, Int(low - rim)))
            return first..<max(first + 1, min(length, Int((high + rim).rounded(.up))))
        }
        picture = image.cut(
            columns: range(found.left, found.right, image.width), rows: range(found.top, found.bottom, image.height))
    }
}
