import Imaging

/// What a slide looks like, field by field, at low magnification, and where its monolayer is.
///
/// A smear is thick where the drop was, then one layer of cells, then thins out into a feathered edge, where cells are
/// stretched. One layer is where part of the glass is seen between the cells and few of them lie over each other.
public struct SlideSurvey: Sendable, Equatable {
    public enum Part: String, Sendable, Codable, CaseIterable {
        /// Glass, or not scanned.
        case empty
        /// Too few cells: the feathered edge and beyond.
        case edge
        case monolayer
        /// Cells over each other, or no glass between them.
        case thick
    }

    /// A field of the grid.
    public struct Field: Sendable, Equatable {
        public let column: Int
        public let row: Int
        public let look: FieldLook
        /// Share of its cells that lie over another, 0 to 1.
        public let overlap: Double
        public let part: Part
    }

    /// Coverage below which a field is empty, and below which it is the edge; and above which it is thick.
    static let emptyCoverage = 0.04
    static let edgeCoverage = 0.15
    static let thickCoverage = 0.85
    /// Overlap above which a field is thick.
    static let thickOverlap = 0.3
    /// How much more than one layer a place absorbs where two cells lie over each other; two of them absorb twice as much.
    static let overOneLayer = 1.6

    /// Side of a field in pixels of level 0.
    public let side: Int
    public let columns: Int
    public let rows: Int
    /// Those that lie wholly on the slide and were looked at, row by row.
    public let fields: [Field]
    /// Absorption of green by one layer of cells; nil where no field shows one.
    public let layerAbsorption: Double?

    /// - Parameters:
    ///   - looks: By place, row by row; nil where a field was seen to be empty from afar.
    ///   - side: Of a field in pixels of level 0.
    ///   - columns: Fields beside each other.
    public init(looks: [FieldLook?], side: Int, columns: Int) {
        precondition(columns > 0 && looks.count % columns == 0, "\(looks.count) fields are no rows of \(columns)")
        (self.side, self.columns, rows) = (side, columns, looks.count / columns)
        let layer = Self.layer(looks.compactMap { $0 })
        layerAbsorption = layer
        fields = looks.enumerated().compactMap { place, look in
            look.map { look in
                let overlap = layer.map { look.share(above: $0 * Self.overOneLayer) } ?? 0
                return Field(
                    column: place % columns, row: place / columns, look: look, overlap: overlap,
                    part: Self.part(look, overlap: overlap))
            }
        }
    }

    /// One layer: the median over fields of which much is covered and much is glass.
    private static func layer(_ looks: [FieldLook]) -> Double? {
        let absorptions = looks.filter { (edgeCoverage...0.7).contains($0.coverage) }.map(\.absorption).sorted()
        return absorptions.isEmpty ? nil : absorptions[absorptions.count / 2]
    }

    private static func part(_ look: FieldLook, overlap: Double) -> Part {
        if look.coverage < emptyCoverage { return .empty }
        if look.coverage < edgeCoverage { return .edge }
        return look.coverage > thickCoverage || overlap > thickOverlap ? .thick : .monolayer
    }

    /// How many fields each part has.
    public var counts: [Part: Int] {
        fields.reduce(into: [:]) { $0[$1.part, default: 0] += 1 }
    }
}
