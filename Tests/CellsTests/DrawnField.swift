import Foundation
import Imaging
import Randomness

/// Drawn smears with cells of known kinds, apart from each other.
enum DrawnField {
    /// - Parameters:
    ///   - kinds: One cell each; those that find no room are left out.
    ///   - redCellPixels: How wide a red cell is.
    static func draw(_ kinds: [DrawnCells.Kind], seed: UInt64, redCellPixels: Double = 18, side: Int = 224) throws
        -> DrawnCells
    {
        var random = SplitMix64(seed: seed, 77)
        var cells: [DrawnCells.Cell] = []
        for kind in kinds {
            let range = kind.nucleusRadius
            let radius = range.lowerBound + (range.upperBound - range.lowerBound) * random.nextUnit()
            for _ in 0..<40 {
                let margin = 1.3 * redCellPixels
                let middle = PixelPlace(
                    x: margin + (Double(side) - 2 * margin) * random.nextUnit(),
                    y: margin + (Double(side) - 2 * margin) * random.nextUnit())
                let isFree = cells.allSatisfy {
                    hypot($0.middle.x - middle.x, $0.middle.y - middle.y) > 2.4 * redCellPixels
                }
                if isFree {
                    cells.append(.init(kind: kind, middle: middle, nucleusRadius: radius))
                    break
                }
            }
        }
        return try DrawnCells(cells, redCellPixels: redCellPixels, seed: seed, side: side)
    }

    /// Fields with and without blasts, in turn.
    static func fields(_ count: Int, firstSeed: UInt64) throws -> [DrawnCells] {
        try (0..<count).map { number in
            let seed = firstSeed + UInt64(number)
            let kinds: [DrawnCells.Kind] =
                number.isMultiple(of: 2)
                ? [.blast, .blast, .blast, .lymphocyte, .neutrophil]
                : [.lymphocyte, .lymphocyte, .monocyte, .neutrophil]
            return try draw(kinds, seed: seed, redCellPixels: 16 + Double(number % 5) * 2)
        }
    }
}
