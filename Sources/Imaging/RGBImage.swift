/// An 8-bit image in memory, RGB, rows top to bottom.
public struct RGBImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// `[height, width, 3]`, 0 to 255, red first.
    public var pixels: [UInt8]

    /// - Precondition: `pixels.count == width * height * 3`.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height * 3, "\(pixels.count) bytes are no \(width)x\(height) RGB image")
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }

    /// A square of it; over the image's edge its last pixels go on.
    /// - Parameters:
    ///   - left: Column of the square's left edge, which may lie outside of the image.
    ///   - top: Row of its top edge, likewise.
    ///   - side: In pixels, at least 1.
    public func square(left: Int, top: Int, side: Int) -> RGBImage {
        var square: [UInt8] = []
        square.reserveCapacity(side * side * 3)
        for y in top..<top + side {
            let row = min(height - 1, max(0, y)) * width
            for x in left..<left + side {
                let start = (row + min(width - 1, max(0, x))) * 3
                square.append(contentsOf: pixels[start..<start + 3])
            }
        }
        return RGBImage(width: side, height: side, pixels: square)
    }

    /// A rectangle of the image.
    /// - Precondition: Columns and rows lie in the image.
    public func cut(columns: Range<Int>, rows: Range<Int>) -> RGBImage {
        if columns == 0..<width, rows == 0..<height { return self }
        var part: [UInt8] = []
        part.reserveCapacity(columns.count * rows.count * 3)
        for row in rows {
            part += pixels[(row * width + columns.lowerBound) * 3..<(row * width + columns.upperBound) * 3]
        }
        return RGBImage(width: columns.count, height: rows.count, pixels: part)
    }
}
