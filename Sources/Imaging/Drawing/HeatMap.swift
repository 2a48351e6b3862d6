import CVision
import NativeCalls

/// A map of attention as it is kept and sent: grey levels, few enough for a page to fetch, enough for it to draw them as
/// `HeatmapOverlay` would. A browser enlarges between pixels in straight lines, so that the bicubic curves between the cells of a
/// network's map must be in the file already.
public struct HeatMap: Sendable, Equatable {
    /// Pixels of the file for a cell of the map, and its longest side.
    private static let pixelsPerCell = 8
    private static let longestSide = 256

    /// `[height, width]`, 0 to 255 for 0 to 1.
    public let levels: [UInt8]
    public let width: Int
    public let height: Int

    /// - Parameters:
    ///   - map: `[height, width]`, 0 to 1; values outside are clamped.
    ///   - width: Cells, 1 to 8192.
    ///   - height: Cells, likewise.
    /// - Throws: `ImagingError` `invalidParameter` when sizes do not fit or a value is not a number.
    public init(_ map: [Float], width: Int, height: Int) throws {
        try HeatmapOverlay.check(map, width, height)
        let longer = max(width, height)
        let wanted = min(longer * Self.pixelsPerCell, Self.longestSide)
        let (newWidth, newHeight) = (max(1, width * wanted / longer), max(1, height * wanted / longer))
        levels = try [UInt8](unsafeUninitializedCapacity: newWidth * newHeight) { buffer, initialized in
            try Native.call {
                cv_heat_levels(
                    map, Int32(width), Int32(height), buffer.baseAddress, Int32(newWidth), Int32(newHeight), $0)
            }
            initialized = newWidth * newHeight
        }
        (self.width, self.height) = (newWidth, newHeight)
    }

    /// Reads a file that `png()` wrote.
    /// - Throws: `ImagingError` for a file that is no image.
    public init(png file: [UInt8]) throws {
        let image = try ImageDecoder.decode(file, limits: ImageLimits(minimumSide: 1))
        levels = Self.red(of: image)
        (width, height) = (image.width, image.height)
    }

    /// Reads a map that was kept in colour, enlarged to the size of a picture (`HeatmapOverlay.colored`).
    /// - Throws: `ImagingError`: `corrupt` where a colour is none of viridis; for a file that is no image.
    public init(coloredPNG file: [UInt8]) throws {
        let image = try ImageDecoder.decode(file, limits: ImageLimits(minimumSide: 1))
        // Two of the 256 colours stand for two levels each.
        let level = Dictionary(
            zip(try HeatmapOverlay.palette().map { Self.packed($0[0], $0[1], $0[2]) }, UInt8.min...UInt8.max)
        ) { first, _ in first }
        var grey: [UInt8] = []
        grey.reserveCapacity(image.pixels.count)
        for start in stride(from: 0, to: image.pixels.count, by: 3) {
            let color = Self.packed(image.pixels[start], image.pixels[start + 1], image.pixels[start + 2])
            guard let found = level[color] else {
                throw ImagingError(.corrupt, "the file is no heat map: a colour is none of viridis")
            }
            for _ in 0..<3 { grey.append(found) }
        }
        let whole = RGBImage(width: image.width, height: image.height, pixels: grey)
        let longer = max(image.width, image.height)
        let wanted = min(longer, Self.longestSide)
        let small = try whole.resized(
            width: max(1, image.width * wanted / longer), height: max(1, image.height * wanted / longer))
        levels = Self.red(of: small)
        (width, height) = (small.width, small.height)
    }

    /// A PNG file of one channel.
    /// - Throws: `ImagingError` `processingFailed`.
    public func png() throws -> [UInt8] { try ImageEncoder.png(grey: levels, width: width, height: height) }

    /// `[height, width]`, 0 to 1.
    public var values: [Float] { levels.map { Float($0) / 255 } }

    private static func packed(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt32 {
        UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
    }

    private static func red(of image: RGBImage) -> [UInt8] {
        stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] }
    }
}
