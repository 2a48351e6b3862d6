/// What a cell is taken for.
///
/// The eight normal types are learned from one laboratory; at others they are right about half the time, and are to be
/// shown with that said (`docs/cells.md`).
public enum CellType: String, Sendable, Codable, CaseIterable, Hashable {
    case blast
    case basophil
    case eosinophil
    /// A nucleated red cell.
    case erythroblast
    /// Metamyelocyte, myelocyte or promyelocyte.
    case immatureGranulocyte
    case lymphocyte
    case monocyte
    case neutrophil
    /// A platelet or a heap of them; no white cell.
    case platelet
    /// A burst or smeared cell.
    case smudge
    /// None of these well enough.
    case unsure

    /// What the reading network answers, in its order.
    public static let answers: [CellType] = allCases.filter { $0 != .unsure }

    /// The name of a folder of such cells, as collections of single cells have them.
    public var folder: String { self == .immatureGranulocyte ? "ig" : rawValue }

    /// Whether it is counted among the white cells; what is not sure is.
    public var isWhiteCell: Bool { self != .platelet && self != .smudge && self != .erythroblast }
}
