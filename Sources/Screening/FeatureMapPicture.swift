import Imaging
import Packaging

/// Some feature maps of a stage as tiles of one picture: those that vary most over the image.
struct FeatureMapPicture {
    /// How many maps are shown, and how many in a row.
    static let count = 8
    static let columns = 4
    /// Pixels: the side that a map is enlarged to, the largest that it may keep, and the white between tiles.
    private static let tileSide = 112
    private static let maximumSide = 224
    private static let gap = 6

    /// The maps in the picture, row after row.
    let shown: [ScreeningAnalytics.Stage.Channel]
    let image: RGBImage

    /// - Parameters:
    ///   - stage: What the values are.
    ///   - values: `[channels, height, width]`.
    /// - Throws: `ImagingError`, also when a value is no number.
    init(_ stage: ModelDescription.Stage, _ values: [Float]) throws {
        let plane = stage.width * stage.height
        let strongest = (0..<stage.channels)
            .map { (index: $0, variance: Self.variance(values[($0 * plane)..<(($0 + 1) * plane)])) }
            .sorted { ($1.variance, $0.index) < ($0.variance, $1.index) }
            .prefix(Self.count)
        let maps = strongest.map { Array(values[($0.index * plane)..<(($0.index + 1) * plane)]) }
        shown = zip(strongest, maps).map { channel, map in
            ScreeningAnalytics.Stage.Channel(
                index: channel.index, minimum: Double(map.min() ?? 0), maximum: Double(map.max() ?? 0))
        }
        let tiles = try maps.map { try Self.tile($0, width: stage.width, height: stage.height) }
        image = Self.arranged(tiles)
    }

    private static func variance(_ map: ArraySlice<Float>) -> Double {
        let mean = map.reduce(0.0) { $0 + Double($1) } / Double(map.count)
        return map.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    }

    /// One map in the viridis colours, its least value darkest, its greatest brightest; each cell stays a square.
    private static func tile(_ map: [Float], width: Int, height: Int) throws -> RGBImage {
        let step = (max(width, height) + maximumSide - 1) / maximumSide
        let scale = max(1, tileSide / max(width, height))
        let (columns, rows) = (width / step * scale, height / step * scale)
        let (least, greatest) = (map.min() ?? 0, map.max() ?? 0)
        let range = greatest > least ? greatest - least : 1
        var enlarged = [Float](repeating: 0, count: columns * rows)
        for y in 0..<rows {
            for x in 0..<columns {
                enlarged[y * columns + x] = (map[y / scale * step * width + x / scale * step] - least) / range
            }
        }
        return try HeatmapOverlay.colored(
            map: enlarged, mapWidth: columns, mapHeight: rows, width: columns, height: rows)
    }

    private static func arranged(_ tiles: [RGBImage]) -> RGBImage {
        guard let first = tiles.first else { return RGBImage(width: 1, height: 1, pixels: [255, 255, 255]) }
        let columns = min(columns, tiles.count)
        let rows = (tiles.count + columns - 1) / columns
        let width = columns * (first.width + gap) - gap
        let height = rows * (first.height + gap) - gap
        var image = RGBImage(
            width: width, height: height, pixels: [UInt8](repeating: 255, count: width * height * 3))
        for (index, tile) in tiles.enumerated() {
            let left = index % columns * (first.width + gap)
            let top = index / columns * (first.height + gap)
            for y in 0..<tile.height {
                let start = ((top + y) * width + left) * 3
                image.pixels.replaceSubrange(
                    start..<(start + tile.width * 3),
                    with: tile.pixels[(y * tile.width * 3)..<((y + 1) * tile.width * 3)])
            }
        }
        return image
    }
}
