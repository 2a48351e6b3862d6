/// How the crops of an image's cells lie in sprite sheets: row by row in the order of the cells' numbers.
///
/// That order is how sure the finder was of a cell, so that a sheet tells nothing of types.
public enum CellSheet {
    /// Width and height of a crop, in pixels.
    public static let tileSide = 80
    /// Crops beside each other.
    public static let columns = 16
    /// Crops of one sheet.
    public static let capacity = 256
    /// How much of an image a crop shows, in diameters of a red cell; a larger cell is shown whole.
    public static let redCellsAcross = 3.0

    /// Where a crop lies.
    public struct Place: Sendable, Equatable {
        /// The sheet, from 0.
        public let sheet: Int
        /// Left and upper edge in the sheet, in pixels.
        public let x: Int
        public let y: Int
    }

    /// Where the crop of a cell lies.
    /// - Parameter number: Of the cell in its image, from 1.
    public static func place(of number: Int) -> Place {
        let index = max(0, number - 1)
        let inSheet = index % capacity
        return Place(
            sheet: index / capacity, x: inSheet % columns * tileSide, y: inSheet / columns * tileSide)
    }

    /// How many sheets the cells of an image fill.
    public static func count(cells: Int) -> Int { (cells + capacity - 1) / capacity }

    /// Width and height of a sheet, in pixels.
    /// - Parameters:
    ///   - sheet: From 0.
    ///   - cells: Of the whole image.
    public static func size(of sheet: Int, cells: Int) -> (width: Int, height: Int) {
        let here = max(0, min(capacity, cells - sheet * capacity))
        return (min(here, columns) * tileSide, (here + columns - 1) / columns * tileSide)
    }
}
