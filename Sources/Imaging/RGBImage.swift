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
}
