import Cells
import Findings
import Foundation
import Imaging

/// An image of which something is known about its cells.
public struct LabelledSmear: Sendable {
    /// A white cell whose place is known.
    public struct Cell: Sendable {
        /// In pixels of the image.
        public let box: OutlinedCell.Box
        /// `nil` for a normal cell of unknown type.
        public let type: CellType?

        public init(box: OutlinedCell.Box, type: CellType? = nil) { (self.box, self.type) = (box, type) }
    }

    /// What is known.
    public enum Truth: Sendable {
        /// All white cells.
        case cells([Cell])
        /// The type of the cell in the middle; others may be cut by the edge.
        case middle(CellType)
        /// Whether it shows leukaemia, and by what class; the cells are not marked.
        case diagnosis(isMalignant: Bool, class: String)
    }

    /// Where the pixels come from.
    public enum Pixels: Sendable {
        case memory(RGBImage)
        /// A file, to be widened or heightened by these factors so that pixels are square.
        case file(URL, across: Double, down: Double)
    }

    public let pixels: Pixels
    public let truth: Truth
    /// How wide a red cell is, in pixels.
    public let redCellPixels: Double
    /// Where it was made, for what is held out.
    public let laboratory: String
    /// What belongs together: copies, or a person.
    public let group: String

    public init(pixels: Pixels, truth: Truth, redCellPixels: Double, laboratory: String, group: String) {
        (self.pixels, self.truth, self.redCellPixels) = (pixels, truth, redCellPixels)
        (self.laboratory, self.group) = (laboratory, group)
    }

    /// A drawn smear with all that is known of it.
    public init(_ drawn: DrawnCells, group: String) {
        let types: [DrawnCells.Kind: CellType] = [
            .lymphocyte: .lymphocyte, .blast: .blast, .monocyte: .monocyte, .neutrophil: .neutrophil,
        ]
        self.init(
            pixels: .memory(drawn.image),
            truth: .cells(drawn.cells.map { Cell(box: $0.box(side: drawn.image.width), type: types[$0.kind]) }),
            redCellPixels: drawn.redCellPixels, laboratory: "drawn", group: group)
    }

    /// The image with square pixels.
    /// - Throws: `ImagingError`, or an error of the file system.
    public func image() throws -> RGBImage {
        switch pixels {
        case .memory(let image): return image
        case .file(let url, let across, let down):
            var image = try ImageDecoder.decode(Array(Data(contentsOf: url)))
            if across != 1 || down != 1 {
                image = try image.resized(
                    width: Int((Double(image.width) * across).rounded()),
                    height: Int((Double(image.height) * down).rounded()))
            }
            return CutOutCell(image)?.onGlass ?? image
        }
    }

    /// The name of its file, without folders; nil for one in memory.
    public var name: String? {
        if case .file(let url, _, _) = pixels { url.lastPathComponent } else { nil }
    }

    /// One of five parts, by group: the first is held out for calibration and figures.
    public var isHeldOut: Bool {
        group.utf8.reduce(5381 as UInt64) { ($0 &* 33) ^ UInt64($1) } % 5 == 0
    }
}
