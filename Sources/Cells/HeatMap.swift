import Foundation

/// Where the finding network thinks the middles of cells are.
struct HeatMap {
    /// Values of 0 to 1, row-major.
    let values: [Float]
    let width: Int
    let height: Int

    /// Pixels of the smear for one of the map; the middle of place k lies at 4 k + 1.5.
    static let stride = 4.0

    /// A middle, in pixels of the smear.
    struct Peak: Equatable {
        let x: Double
        let y: Double
        let value: Double
    }

    /// Local maxima above a threshold, the highest first, at the centre of gravity of the nine values around; none nearer to a
    /// higher one than `reach` pixels of the map.
    func peaks(threshold: Double, reach: Double) -> [Peak] {
        var places: [(row: Int, column: Int)] = []
        for row in 0..<height {
            for column in 0..<width {
                let value = self[row, column]
                if Double(value) > threshold, around(row, column).allSatisfy({ self[$0.row, $0.column] <= value }) {
                    places.append((row, column))
                }
            }
        }
        places.sort {
            let (a, b) = (self[$0.row, $0.column], self[$1.row, $1.column])
            return a != b ? a > b : ($0.row, $0.column) < ($1.row, $1.column)
        }
        var found: [Peak] = []
        for place in places {
            let peak = peak(at: place.row, place.column)
            let isFree = found.allSatisfy {
                hypot($0.x - peak.x, $0.y - peak.y) > reach * Self.stride
            }
            if isFree { found.append(peak) }
        }
        return found
    }

    private subscript(row: Int, column: Int) -> Float { values[row * width + column] }

    private func around(_ row: Int, _ column: Int) -> [(row: Int, column: Int)] {
        (max(0, row - 1)...min(height - 1, row + 1)).flatMap { y in
            (max(0, column - 1)...min(width - 1, column + 1)).map { (y, $0) }
        }
    }

    private func peak(at row: Int, _ column: Int) -> Peak {
        var (sum, x, y) = (0.0, 0.0, 0.0)
        for place in around(row, column) {
            let value = Double(self[place.row, place.column])
            sum += value
            x += value * Double(place.column)
            y += value * Double(place.row)
        }
        // 4 k + 1.5 counts from the middle of the first pixel, places from its corner.
        return Peak(
            x: x / sum * Self.stride + 2, y: y / sum * Self.stride + 2, value: Double(self[row, column]))
    }
}
