/// A field of view that is worth reading.
public struct ChosenField: Sendable, Equatable, Codable {
    /// In pixels of level 0.
    public let place: SlideRectangle
    /// How good it is beside the others of the slide; at most 3.
    public let score: Double
    /// Share of the field that is not glass, 0 to 1.
    public let coverage: Double
    /// Share of its cells that lie over another, 0 to 1.
    public let overlap: Double
    /// Share of the field that is nuclei, 0 to 1.
    public let nuclei: Double
}

extension SlideSurvey {
    /// The best fields of the monolayer, the best first; the same slide always gives the same.
    ///
    /// A field is better the more white cells it shows, the nearer half of it is covered, the fewer cells lie over each other,
    /// and the more of its neighbours are of the monolayer too. Fields touch, but do not overlap.
    /// - Parameter count: The most that are chosen.
    public func best(_ count: Int) -> [ChosenField] {
        let monolayer = fields.filter { $0.part == .monolayer }
        let places = Set(monolayer.map { $0.row * columns + $0.column })
        let scored = monolayer.map { field in
            let around = neighbours(of: field).count { places.contains($0) }
            // A white cell covers about a hundredth of a field; with three of them a field is as good as it gets.
            let white = min(1, field.look.nuclei / 0.03)
            let density = 1 - min(1, abs(field.look.coverage - 0.5) / 0.5)
            return (field, white + density + Double(around) / 8 - field.overlap)
        }
        return scored.sorted { first, second in
            (second.1, first.0.row, first.0.column) < (first.1, second.0.row, second.0.column)
        }.prefix(max(0, count)).map { field, score in
            ChosenField(
                place: SlideRectangle(x: field.column * side, y: field.row * side, width: side, height: side),
                score: score, coverage: field.look.coverage, overlap: field.overlap, nuclei: field.look.nuclei)
        }
    }

    /// Places of the up to eight fields around a field.
    private func neighbours(of field: Field) -> [Int] {
        (-1...1).flatMap { down in
            (-1...1).compactMap { across in
                let (column, row) = (field.column + across, field.row + down)
                guard (across, down) != (0, 0), (0..<columns).contains(column), (0..<rows).contains(row) else {
                    return nil
                }
                return row * columns + column
            }
        }
    }
}
