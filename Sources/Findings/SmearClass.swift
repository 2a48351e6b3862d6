/// The four classes of screening for B-cell acute lymphoblastic leukaemia, in the order of every output vector.
///
/// The raw value is the stable key of files, rows and the API. This is the only list of them: folder names, forms, queries
/// and words are made from it.
public enum SmearClass: String, Codable, CaseIterable, Sendable, CodingKeyRepresentable,
    CustomStringConvertible
{
    /// Haematogones: benign B precursors of the marrow.
    case benign
    case earlyPreB = "early-pre-b"
    case preB = "pre-b"
    case proB = "pro-b"

    /// The class at a place in an output vector; nil for a place that none has.
    public init?(index: Int) {
        guard Self.allCases.indices.contains(index) else { return nil }
        self = Self.allCases[index]
    }

    /// All keys, in order.
    public static let keys = allCases.map(\.rawValue)

    /// The key, so that a class written into a path of the catalogue, an address or a log reads as in rows.
    public var description: String { rawValue }

    /// Whether the class is a form of leukaemia.
    public var isMalignant: Bool { self != .benign }

    /// Whether a label, the place in an output vector, is that of a malignant class.
    public static func isMalignant(_ label: Int) -> Bool { label != Self.benign.index }

    /// The place in an output vector, 0 to 3.
    public var index: Int {
        switch self {
        case .benign: 0
        case .earlyPreB: 1
        case .preB: 2
        case .proB: 3
        }
    }
}
