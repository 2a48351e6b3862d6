import Imaging

/// How a slide is cut into square tiles for a viewer: each zoom is twice as large as the one before, the last is level 0.
public struct SlideTiles: Sendable, Equatable {
    /// Side of a tile in pixels.
    public static let side = 256

    /// Size of level 0 in pixels.
    public let width: Int
    public let height: Int
    /// The last zoom, at which a pixel is one of level 0; at zoom 0 one tile holds the slide.
    public let lastZoom: Int

    public init(_ shape: SlideShape) {
        (width, height) = (shape.width, shape.height)
        var zoom = 0
        while Self.side << zoom < max(width, height) { zoom += 1 }
        lastZoom = zoom
    }

    /// How many pixels of level 0 a pixel of a zoom is wide.
    public func downsample(zoom: Int) -> Int { 1 << (lastZoom - zoom) }

    /// Tiles beside each other and below each other at a zoom.
    public func count(zoom: Int) -> (columns: Int, rows: Int) {
        let length = Self.side * downsample(zoom: zoom)
        return ((width + length - 1) / length, (height + length - 1) / length)
    }

    /// Where a tile lies, cut off at the slide's right and lower edge; nil where there is none.
    /// - Parameters:
    ///   - zoom: 0 to `lastZoom`.
    ///   - column: From 0.
    ///   - row: From 0.
    public func rectangle(zoom: Int, column: Int, row: Int) -> SlideRectangle? {
        guard (0...lastZoom).contains(zoom) else { return nil }
        let (columns, rows) = count(zoom: zoom)
        guard (0..<columns).contains(column), (0..<rows).contains(row) else { return nil }
        let length = Self.side * downsample(zoom: zoom)
        return SlideRectangle(
            x: column * length, y: row * length, width: min(length, width - column * length),
            height: min(length, height - row * length))
    }
}

extension SlideFile {
    /// Reads a tile of `SlideTiles`.
    /// - Returns: At most `SlideTiles.side` pixels a side.
    /// - Throws: `SlideError` `notThere` for a tile that the slide does not have, and as `read(_:downsample:)`:
    ///   `beyondLimits` where the file has no level that is small enough.
    public func tile(zoom: Int, column: Int, row: Int) throws(SlideError) -> RGBImage {
        let tiles = SlideTiles(shape)
        guard let place = tiles.rectangle(zoom: zoom, column: column, row: row) else {
            throw SlideError(
                .notThere, "\(path) has no tile \(column),\(row) at zoom \(zoom) of 0 to \(tiles.lastZoom)")
        }
        return try read(place, downsample: Double(tiles.downsample(zoom: zoom)))
    }
}
