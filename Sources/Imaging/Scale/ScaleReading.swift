import CVision

/// What one way of measuring found in one image.
public struct ScaleReading: Sendable, Equatable, Codable {
    /// From edge to edge of the usual red cell, in pixels of the image; nil where none was found.
    public let edgePixels: Double?
    /// Round things about that large that it rests on.
    public let redCells: Int
    /// Round things left out because they have the colour of nuclei.
    public let whiteCells: Int
    /// Distance of the quartiles of the sizes' natural logarithm; 0 for one cell, about 0.12 in a good field.
    public let spread: Double
    /// Median share of the red cells' outlines that was seen, 0 to 1.
    public let coverage: Double

    public init(edgePixels: Double?, redCells: Int, whiteCells: Int, spread: Double, coverage: Double) {
        (self.edgePixels, self.redCells, self.whiteCells) = (edgePixels, redCells, whiteCells)
        (self.spread, self.coverage) = (spread, coverage)
    }

    init(_ reading: CVScaleReading) {
        self.init(
            edgePixels: reading.diameter > 0 ? reading.diameter : nil, redCells: Int(reading.cells),
            whiteCells: Int(reading.whiteCells), spread: reading.spread, coverage: reading.coverage)
    }
}
