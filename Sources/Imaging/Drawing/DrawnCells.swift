import CVision
import NativeCalls

/// A drawn smear of white cells whose kind, place and size are known: exact truth for finding and reading cells.
public struct DrawnCells: Sendable, Equatable {
    /// Kinds that differ as cells do in size, shape and chromatin. Not a model of them.
    public enum Kind: Int, Sendable, CaseIterable {
        /// Small and round, hardly any body.
        case lymphocyte
        /// Large, with nucleoli, hardly any body.
        case blast
        /// Large and dented, with a wide body.
        case monocyte
        /// Three lobes in a wide body.
        case neutrophil

        /// Radius of the nucleus, all lobes as one disc, in radii of a red cell: the least and the greatest.
        public var nucleusRadius: ClosedRange<Double> {
            switch self {
            case .lymphocyte: 0.9...1.05
            case .blast: 1.3...1.6
            case .monocyte: 1.35...1.55
            case .neutrophil: 0.95...1.1
            }
        }
    }

    /// A white cell.
    public struct Cell: Sendable, Equatable {
        public let kind: Kind
        /// The middle of its body, in pixels.
        public let middle: PixelPlace
        /// In radii of a red cell.
        public let nucleusRadius: Double
        /// In pixels; 0 before it is drawn.
        public fileprivate(set) var bodyRadius: Double

        public init(kind: Kind, middle: PixelPlace, nucleusRadius: Double) {
            (self.kind, self.middle, self.nucleusRadius, bodyRadius) = (kind, middle, nucleusRadius, 0)
        }

        /// Around the body, as far as the image reaches.
        public func box(side: Int) -> OutlinedCell.Box {
            OutlinedCell.Box(
                left: max(0, middle.x - bodyRadius), top: max(0, middle.y - bodyRadius),
                right: min(Double(side), middle.x + bodyRadius), bottom: min(Double(side), middle.y + bodyRadius))
        }
    }

    public let image: RGBImage
    public let cells: [Cell]
    /// How wide a red cell is, in pixels.
    public let redCellPixels: Double

    /// Draws these cells, with red cells around them.
    /// - Parameters:
    ///   - cells: In any order; what lies over another hides it.
    ///   - redCellPixels: 4 to 400.
    ///   - seed: Of stain, light, focus, noise and red cells.
    ///   - side: Width and height in pixels, 32 to 2048.
    /// - Throws: `ImagingError` `processingFailed` for values out of range.
    public init(_ cells: [Cell], redCellPixels: Double, seed: UInt64, side: Int = 224) throws {
        var asked = cells.map {
            CVDrawnCell(
                kind: Int32($0.kind.rawValue), x: $0.middle.x, y: $0.middle.y, nucleusRadius: $0.nucleusRadius,
                bodyRadius: 0)
        }
        let count = Int32(cells.count)
        let pixels = try Native.pixels(width: side, height: side) { output, error in
            cv_draw_cells(&asked, count, redCellPixels / 2, seed, Int32(clamping: side), output, error)
        }
        image = RGBImage(width: side, height: side, pixels: pixels)
        self.cells = zip(cells, asked).map { cell, drawn in
            var cell = cell
            cell.bodyRadius = drawn.bodyRadius
            return cell
        }
        self.redCellPixels = redCellPixels
    }
}
