import Findings

/// What a reader says of an image. The raw value is what rows, forms and exports hold: the key of a class, empty for an
/// image that cannot be read, or `undecided`.
public enum ReaderLabel: RawRepresentable, Sendable, Hashable, Codable {
    case smearClass(SmearClass)
    case unreadable
    /// Of a draft whose reader has not chosen; never of a signed reading.
    case undecided

    public init?(rawValue: String) {
        switch rawValue {
        case "": self = .unreadable
        case "undecided": self = .undecided
        default:
            guard let smearClass = SmearClass(rawValue: rawValue) else { return nil }
            self = .smearClass(smearClass)
        }
    }

    public var rawValue: String {
        switch self {
        case .smearClass(let smearClass): smearClass.rawValue
        case .unreadable: ""
        case .undecided: "undecided"
        }
    }

    /// The class named; nil where none is.
    public var smearClass: SmearClass? {
        if case .smearClass(let smearClass) = self { smearClass } else { nil }
    }

    /// The raw value, and a word for what cannot be read.
    public var word: String { self == .unreadable ? "unreadable" : rawValue }
}
