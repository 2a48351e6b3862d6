import CVision
import NativeCalls

/// A smear brought to a fixed scale, 16 pixels a red cell, whatever microscope and camera it comes from.
///
/// Colours become optical densities against the glass, the brightness that nine tenths of the pixels do not exceed, so
/// that lamp and camera weigh less. Not `Sendable`: one thread at a time.
public final class ScaledSmear {
    /// Pixels a red cell across.
    public static let pixelsPerRedCell = Double(CVSmearPixelsPerRedCell)
    /// How wide a red cell may be in an image, in pixels.
    public static let redCellRange = 4.0...400.0

    /// How wide a red cell is in the image, in pixels.
    public let redCellPixels: Double
    /// Width and height at the scale of the smear, multiples of 4, in pixels.
    public let width: Int
    public let height: Int
    private let smear: OpaquePointer?

    /// - Parameters:
    ///   - image: At any scale.
    ///   - redCellPixels: How wide a red cell is in it, in pixels, within `redCellRange`.
    /// - Throws: `ImagingError` `invalidParameter` for another scale or an empty image, `processingFailed`.
    public init(_ image: RGBImage, redCellPixels: Double) throws {
        guard Self.redCellRange.contains(redCellPixels) else {
            throw ImagingError(
                .invalidParameter, "red cells of \(redCellPixels) pixels cannot be read; they need 4 to 400")
        }
        var opened: OpaquePointer?
        try image.read { cv_smear_open($0, $1, $2, redCellPixels, &opened, $3) }
        smear = opened
        self.redCellPixels = redCellPixels
        width = Int(cv_smear_width(opened))
        height = Int(cv_smear_height(opened))
    }

    deinit { cv_smear_free(smear) }

    /// Optical densities, `[3, height, width]`, red first, 0 to 2.
    public func densities() -> [Float] {
        let count = 3 * width * height
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            cv_smear_densities(smear, buffer.baseAddress)
            initialized = count
        }
    }

    /// Outlines white cells: stain that green light is absorbed by far more than red and blue is nucleus, tissue around it
    /// that is not the colour of red cells is its body.
    /// - Parameter places: Where cells are thought to be, in pixels of the image; a place without a nucleus gives no cell, and
    ///   cells that touch are parted between their places. `nil` takes the middles of round parts of the stain.
    /// - Throws: `ImagingError` `processingFailed`.
    public func outlinedCells(at places: [PixelPlace]? = nil) throws -> [OutlinedCell] {
        if let places, places.isEmpty { return [] }
        let seeds = places?.map { CVSeed(x: $0.x, y: $0.y) }
        try Native.call { cv_smear_outline(smear, seeds, seeds?.count ?? 0, $0) }
        let list = UnsafeBufferPointer(start: cv_smear_list(smear), count: cv_smear_count(smear))
        let points = cv_smear_points(smear)
        return list.enumerated().map { OutlinedCell($1, index: $0, points: points) }
    }

    /// Cuts out one of the cells that were outlined last.
    /// - Throws: `ImagingError` `processingFailed`, also for a cell of another smear.
    public func patch(of cell: OutlinedCell) throws -> CellPatch {
        var bytes = [UInt8](repeating: 0, count: CellPatch.byteCount)
        try bytes.withUnsafeMutableBufferPointer { buffer in
            try Native.call { cv_smear_patch(smear, cell.index, buffer.baseAddress, $0) }
        }
        return CellPatch(bytes: bytes)
    }
}

/// A place in an image, in pixels from its top left corner.
public struct PixelPlace: Sendable, Equatable, Codable {
    public let x: Double
    public let y: Double

    public init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
}

/// A white cell with its nucleus, outlined.
public struct OutlinedCell: Sendable, Equatable {
    /// Around the cell, in pixels of the image.
    public struct Box: Sendable, Equatable, Codable {
        public let left: Double
        public let top: Double
        public let right: Double
        public let bottom: Double

        public init(left: Double, top: Double, right: Double, bottom: Double) {
            (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
        }

        /// The area that both share by the area that they cover together, 0 to 1.
        public func overlap(with other: Box) -> Double {
            let wide = min(right, other.right) - max(left, other.left)
            let high = min(bottom, other.bottom) - max(top, other.top)
            guard wide > 0, high > 0 else { return 0 }
            return wide * high / (area + other.area - wide * high)
        }

        private var area: Double { (right - left) * (bottom - top) }
    }

    public let box: Box
    /// Centre of gravity of the nucleus, in pixels of the image.
    public let centre: PixelPlace
    /// In areas of a red cell.
    public let nucleusArea: Double
    /// In areas of a red cell, the nucleus included.
    public let cellArea: Double
    /// Area of the nucleus, all parts together, by the area of its convex hull, 0 to 1.
    public let solidity: Double
    /// Mean optical density of the nucleus, red, green, blue.
    public let density: [Double]
    /// The cell reaches the image's edge.
    public let touchesEdge: Bool
    /// In how many pieces the nucleus lies.
    public let nucleusParts: Int
    /// Closed lines, as shares of the image's width and height; of a nucleus in pieces the largest.
    public let nucleusOutline: [CellSegmentation.Point]
    public let cellOutline: [CellSegmentation.Point]
    /// The number of the place that it was outlined at.
    public let place: Int
    /// Its number in the smear that outlined it.
    let index: Int

    init(_ cell: CVWhiteCell, index: Int, points: UnsafePointer<CVPoint>?) {
        func outline(_ first: Int32, _ count: Int32) -> [CellSegmentation.Point] {
            UnsafeBufferPointer(start: points.map { $0 + Int(first) }, count: Int(count)).map {
                CellSegmentation.Point(x: Double($0.x), y: Double($0.y))
            }
        }
        box = Box(left: cell.left, top: cell.top, right: cell.right, bottom: cell.bottom)
        centre = PixelPlace(x: cell.centerX, y: cell.centerY)
        (nucleusArea, cellArea, solidity) = (cell.nucleusArea, cell.cellArea, cell.solidity)
        density = [cell.density.0, cell.density.1, cell.density.2]
        touchesEdge = cell.touchesEdge != 0
        nucleusParts = Int(cell.nucleusParts)
        nucleusOutline = outline(cell.nucleusFirst, cell.nucleusCount)
        cellOutline = outline(cell.cellFirst, cell.cellCount)
        place = Int(cell.place)
        self.index = index
    }

    /// The cell of a part of an image as a cell of the whole; it is cut out of the part's smear only.
    /// - Parameters:
    ///   - x: Left edge of the part in the image, in pixels.
    ///   - y: Its upper edge.
    ///   - part: Size of the part in pixels.
    ///   - whole: Size of the image.
    public func placed(
        x: Int, y: Int, of part: (width: Int, height: Int), in whole: (width: Int, height: Int)
    ) -> OutlinedCell {
        if part == whole { return self }
        return OutlinedCell(self, x: Double(x), y: Double(y), of: part, in: whole)
    }

    private init(
        _ cell: OutlinedCell, x: Double, y: Double, of part: (width: Int, height: Int),
        in whole: (width: Int, height: Int)
    ) {
        func placed(_ outline: [CellSegmentation.Point]) -> [CellSegmentation.Point] {
            outline.map {
                CellSegmentation.Point(
                    x: ($0.x * Double(part.width) + x) / Double(whole.width),
                    y: ($0.y * Double(part.height) + y) / Double(whole.height))
            }
        }
        box = Box(
            left: cell.box.left + x, top: cell.box.top + y, right: cell.box.right + x, bottom: cell.box.bottom + y)
        centre = PixelPlace(x: cell.centre.x + x, y: cell.centre.y + y)
        (nucleusArea, cellArea, solidity) = (cell.nucleusArea, cell.cellArea, cell.solidity)
        (density, touchesEdge, nucleusParts) = (cell.density, cell.touchesEdge, cell.nucleusParts)
        (nucleusOutline, cellOutline) = (placed(cell.nucleusOutline), placed(cell.cellOutline))
        (place, index) = (cell.place, cell.index)
    }
}
