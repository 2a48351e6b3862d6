/// Points on the Earth as a clustered table keeps them: by cells of a grid of 2²⁰ by 2²⁰ in the order of a Z-shaped curve
/// (Morton, A Computer Oriented Geodetic Data Base, IBM 1966). A square of a power of two of cells is one range of the
/// key, so that a circle of any size is read in few ranges, be it a town or an ocean.
public enum GeoCells {
    /// Halvings of all longitudes and of all latitudes; a cell has at most 38 m by 19 m.
    private static let levels = 20
    /// More ranges fit a circle more closely; each costs the search for its beginning.
    private static let rangeLimit = 16
    /// Bounds the work of finding them.
    private static let squareLimit = 160

    /// 0 ..< 2⁴⁰.
    public static func cell(of position: GeoPosition) -> Int64 {
        let column = step(position.longitude, from: -180, over: 360)
        return woven(column: column, row: step(position.latitude, from: -90, over: 180))
    }

    private static func step(_ degrees: Double, from least: Double, over span: Double) -> Int64 {
        guard degrees.isFinite else { return 0 }
        let side = Double(1 << levels)
        return Int64(min(max((degrees - least) / span * side, 0), side - 1))
    }

    /// The bits of both, by turns.
    private static func woven(column: Int64, row: Int64) -> Int64 { spread(column) | spread(row) << 1 }

    /// With a zero before each of the lowest 32 bits (Anderson, Bit Twiddling Hacks, “Interleave bits by Binary Magic
    /// Numbers”).
    private static func spread(_ number: Int64) -> Int64 {
        var bits = number
        bits = (bits | bits << 16) & 0x0000_FFFF_0000_FFFF
        bits = (bits | bits << 8) & 0x00FF_00FF_00FF_00FF
        bits = (bits | bits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        bits = (bits | bits << 2) & 0x3333_3333_3333_3333
        return (bits | bits << 1) & 0x5555_5555_5555_5555
    }

    /// Ranges of cells, from the first to the last, that together hold every point of a circle and few others.
    public static func ranges(over circle: GeoCircle) -> [ClosedRange<Int64>] {
        var squares = [Square(level: 0, column: 0, row: 0)]
        var ranges = squares.map(\.cells)
        for _ in 0..<levels {
            let quarters = squares.flatMap(\.quarters).filter { $0.meets(circle) }
            let joined = joined(quarters)
            guard quarters.count <= squareLimit, joined.count <= rangeLimit else { break }
            (squares, ranges) = (quarters, joined)
        }
        return ranges
    }

    /// What lies side by side becomes one range.
    private static func joined(_ squares: [Square]) -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        for cells in squares.map(\.cells) {
            if let last = ranges.last, last.upperBound + 1 == cells.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound...cells.upperBound
            } else {
                ranges.append(cells)
            }
        }
        return ranges
    }

    /// A part of the grid that halving its sides leads to.
    private struct Square {
        /// Halvings so far.
        let level: Int
        let column: Int64
        let row: Int64

        var cells: ClosedRange<Int64> {
            let shift = Int64(2 * (levels - level))
            let first = woven(column: column, row: row) << shift
            return first...(first + (1 << shift) - 1)
        }

        /// In the curve's order.
        var quarters: [Square] {
            (0..<4).map { Square(level: level + 1, column: 2 * column + ($0 & 1), row: 2 * row + ($0 >> 1)) }
        }

        func meets(_ circle: GeoCircle) -> Bool {
            let side = Double(1 << level)
            let (west, south) = (Double(column) * 360 / side - 180, Double(row) * 180 / side - 90)
            return circle.meets(south: south, north: south + 180 / side, west: west, east: west + 360 / side)
        }
    }
}
