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
