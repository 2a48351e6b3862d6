/// The four classes of screening for B-cell acute lymphoblastic leukaemia, in the order of every output vector.
///
/// The raw value is the stable key of files, rows and the API. This is the only list of them: folder names, forms, queries
/// and words are made from it.
public enum SmearClass: String, Codable, CaseIterable, Sendable {
    /// Haematogones: benign B precursors of the marrow.
    case benign
    case earlyPreB = "early-pre-b"
    case preB = "pre-b"
    case proB = "pro-b"

    /// Whether the class is a form of leukaemia.
    public var isMalignant: Bool { self != .benign }

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
