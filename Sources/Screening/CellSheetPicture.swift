import Findings
import Imaging

/// A sprite sheet of crops, all at one scale, so that cells can be compared by size.
struct CellSheetPicture {
    let image: RGBImage

    /// - Parameters:
    ///   - sheet: Its number, from 0.
    ///   - cells: All cells of the image, in the order of their numbers.
    ///   - decoded: The image.
    ///   - redCellPixels: Diameter of a red cell in pixels of the decoded image.
    /// - Throws: `ImagingError`.
    init(_ sheet: Int, of cells: [ScreenedCell], in decoded: DecodedImage, redCellPixels: Double) throws {
        let (width, height) = CellSheet.size(of: sheet, cells: cells.count)
        var pixels = [UInt8](repeating: 255, count: width * height * 3)
        let side = CellSheet.tileSide
        for cell in cells.dropFirst(sheet * CellSheet.capacity).prefix(CellSheet.capacity) {
            let place = CellSheet.place(of: cell.number)
            let tile = try Self.square(around: cell, in: decoded, redCellPixels: redCellPixels)
                .resized(width: side, height: side)
            for row in 0..<side {
                let start = ((place.y + row) * width + place.x) * 3
                pixels.replaceSubrange(
                    start..<start + side * 3, with: tile.pixels[row * side * 3..<(row + 1) * side * 3])
            }
        }
        image = RGBImage(width: width, height: height, pixels: pixels)
    }

    /// The cell in the middle of a square; over the image's edge its last pixels go on.
    private static func square(around cell: ScreenedCell, in decoded: DecodedImage, redCellPixels: Double) -> RGBImage {
        let (box, image, reduction) = (cell.box, decoded.image, decoded.reduction)
        let longer = max(box.right - box.left, box.bottom - box.top) / reduction
        let side = max(8, Int(max(CellSheet.redCellsAcross * redCellPixels, longer * 1.1).rounded(.up)))
        let left = Int(((box.left + box.right) / 2 / reduction - Double(side) / 2).rounded())
        let top = Int(((box.top + box.bottom) / 2 / reduction - Double(side) / 2).rounded())
        return image.square(left: left, top: top, side: side)
    }
}
