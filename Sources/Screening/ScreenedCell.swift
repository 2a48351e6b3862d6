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
        confidence = cell.found.confidence
        embedding = cell.embedding.adding(Self.colours(of: image, in: found))
        func range(_ low: Double, _ high: Double, _ length: Int) -> Range<Int> {
            let rim = (high - low) * Self.surroundings
            return Self.pixels(low - rim, high + rim, length)
        }
        picture = image.cut(
            columns: range(found.left, found.right, image.width), rows: range(found.top, found.bottom, image.height))
    }

    /// The pixels from one place to another, at least one, within the image.
    private static func pixels(_ low: Double, _ high: Double, _ length: Int) -> Range<Int> {
        let first = min(length - 1, max(0, Int(low)))
        return first..<max(first + 1, min(length, Int(high.rounded(.up))))
    }

    /// How red and how blue the cell is beside its green, 0 at a usual one, and the share of it that is rather red than blue, as
    /// the grains of an eosinophil are; over the ellipse in its box.
    private static func colours(of image: RGBImage, in box: OutlinedCell.Box) -> [Double] {
        let (x, y) = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        let (across, down) = (max(0.5, (box.right - box.left) / 2), max(0.5, (box.bottom - box.top) / 2))
        var (count, reddish, red, green, blue) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for row in pixels(box.top, box.bottom, image.height) {
            for column in pixels(box.left, box.right, image.width) {
                let (a, b) = ((Double(column) + 0.5 - x) / across, (Double(row) + 0.5 - y) / down)
                guard a * a + b * b <= 1 else { continue }
                let start = (row * image.width + column) * 3
                let (r, g, b2) = (
                    Double(image.pixels[start]), Double(image.pixels[start + 1]), Double(image.pixels[start + 2])
                )
                count += 1
                red += r
                green += g
                blue += b2
                if r > b2 + 15 { reddish += 1 }
            }
        }
        guard count > 0 else { return [0, 0, 0] }
        return [
            4 * ((red - green) / count / 255 - 0.15), 4 * ((blue - green) / count / 255 - 0.22), reddish / count,
        ]
    }
}
