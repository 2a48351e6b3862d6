/// Why an image tells no scale.
public enum ScaleRefusal: Sendable, Equatable, Codable {
    /// Nothing stands out of the ground, or nothing round.
    case noCells
    /// Too few red cells were seen in one of the two ways.
    case fewRedCells(outlines: Int, discs: Int)
    /// Too few red cells, beside more white ones: what is seen may be white cells.
    case mostlyWhiteCells(red: Int, white: Int)
    /// The sizes differ too much to be those of red cells; the distance of their quartiles in logarithms.
    case unevenSizes(spread: Double)
    /// Too little of the outlines was seen, as in textures that are not cells; the share that was.
    case faintOutlines(coverage: Double)
    /// The two ways disagree; their red-cell diameters in pixels.
    case disagreement(outlines: Double, discs: Double)

    /// What kind of reason it is, for tables.
    public var kind: String {
        switch self {
        case .noCells: "noCells"
        case .fewRedCells: "fewRedCells"
        case .mostlyWhiteCells: "mostlyWhiteCells"
        case .unevenSizes: "unevenSizes"
        case .faintOutlines: "faintOutlines"
        case .disagreement: "disagreement"
        }
    }
}
