import CVision
import NativeCalls

/// Shows a map of attention, such as a class-activation map, in the viridis colours.
///
/// Viridis is perceptually uniform: equal steps of the map look equal, also in greyscale and to colour-blind people.
public enum HeatmapOverlay {
    /// The map alone, enlarged bicubically.
    /// - Parameters:
    ///   - map: `[mapHeight, mapWidth]`, 0 to 1; values outside are clamped.
    ///   - mapWidth: Places of the map across.
    ///   - mapHeight: Places of the map down.
    ///   - width: Of the result, in pixels, 1 to 8192.
    ///   - height: As `width`.
    /// - Throws: `ImagingError` `invalidParameter` when sizes do not fit or a value is not a number.
    public static func colored(map: [Float], mapWidth: Int, mapHeight: Int, width: Int, height: Int) throws -> RGBImage
    {
        try check(map, mapWidth, mapHeight)
        guard (1...8192).contains(width), (1...8192).contains(height) else {
            throw ImagingError(.invalidParameter, "a heat map cannot be drawn at \(width)x\(height)")
        }
        let pixels = try Native.pixels(width: width, height: height) {
            cv_heatmap(map, Int32(mapWidth), Int32(mapHeight), $0, Int32(width), Int32(height), $1)
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// The map over the image: the more a place counts, the more it is covered.
    /// - Parameters:
    ///   - map: `[mapHeight, mapWidth]`, 0 to 1; values outside are clamped.
    ///   - mapWidth: Places of the map across.
    ///   - mapHeight: Places of the map down.
    ///   - image: What lies below; the map is enlarged to its size.
    ///   - opacity: Cover where the map is 1, 0 (invisible) to 1; it falls to none where the map is 0.
    /// - Throws: `ImagingError` `invalidParameter` when sizes do not fit, a value is not a number or the opacity is
    ///   outside its range.
    public static func render(
        map: [Float], mapWidth: Int, mapHeight: Int, over image: RGBImage, opacity: Double = 0.6
    ) throws -> RGBImage {
        try check(map, mapWidth, mapHeight)
        guard (0...1).contains(opacity) else {
            throw ImagingError(.invalidParameter, "an overlay needs an opacity of 0 to 1")
        }
        return try image.mapped { cv_overlay(map, Int32(mapWidth), Int32(mapHeight), $0, $1, $2, opacity, $3, $4) }
    }

    /// The 256 colours of viridis, `[red, green, blue]` each, from level 0 to 255.
    /// - Throws: `ImagingError` `processingFailed`.
    public static func palette() throws -> [[UInt8]] {
        let ramp = try colored(
            map: (0...255).map { Float($0) / 255 }, mapWidth: 256, mapHeight: 1, width: 256, height: 1)
        return stride(from: 0, to: ramp.pixels.count, by: 3).map { Array(ramp.pixels[$0..<$0 + 3]) }
    }

    static func check(_ map: [Float], _ width: Int, _ height: Int) throws {
        guard (1...8192).contains(width), (1...8192).contains(height), map.count == width * height,
            map.allSatisfy(\.isFinite)
        else { throw ImagingError(.invalidParameter, "\(map.count) values are no heat map of \(width)x\(height)") }
    }
}
