import Findings

/// What a reader says of an image or of a whole case. The raw value is what rows and exports hold.
public enum ReaderLabel: RawRepresentable, Sendable, Hashable, Codable {
    /// One of the classes of the network.
    case smearClass(SmearClass)
    case normalBlood
    /// Changed by something else than a leukaemia, such as an infection.
    case reactive
    /// Another leukaemia, or a lymphoma.
    case otherMalignancy
    /// Something else, which a reading of a whole case says from a list or in words (`CaseReading.findings`, `finding`).
    case otherFinding
    case unreadable
    /// Of a draft whose reader has not chosen; never of a signed reading.
    case undecided

    /// What the reader of a case chooses from, in the order of forms.
    public static let answers: [ReaderLabel] =
        SmearClass.allCases.map(ReaderLabel.smearClass) + [
            .normalBlood, .reactive, .otherMalignancy, .otherFinding, .unreadable,
        ]

    public init?(rawValue: String) {
        switch rawValue {
        case "normal-blood": self = .normalBlood
        case "reactive": self = .reactive
        case "other-malignancy": self = .otherMalignancy
        case "other-finding": self = .otherFinding
        case "": self = .unreadable
        case "undecided": self = .undecided
        default:
            guard let smearClass = SmearClass(rawValue: rawValue) else { return nil }
            self = .smearClass(smearClass)
        }
    }

    /// - Parameter word: As `word` says it; empty for nothing chosen.
    public init?(word: String) {
        switch word {
        case "": self = .undecided
        case "unreadable": self = .unreadable
        default: self.init(rawValue: word)
        }
    }

    public var rawValue: String {
        switch self {
        case .smearClass(let smearClass): smearClass.rawValue
        case .normalBlood: "normal-blood"
        case .reactive: "reactive"
        case .otherMalignancy: "other-malignancy"
        case .otherFinding: "other-finding"
        case .unreadable: ""
        case .undecided: "undecided"
        }
    }

    /// The class named; nil where none of the four is.
    public var smearClass: SmearClass? {
        if case .smearClass(let smearClass) = self { smearClass } else { nil }
    }

    /// The raw value, and a word for what cannot be read.
    public var word: String { self == .unreadable ? "unreadable" : rawValue }

    /// Whether it says that there is a leukaemia or a lymphoma.
    public var isMalignant: Bool { self == .otherMalignancy || smearClass?.isMalignant == true }

    /// Which of two readings leads: the larger number.
    public var seriousness: Int {
        switch self {
        case .smearClass(let smearClass): smearClass.isMalignant ? 6 : 2
        case .otherMalignancy: 6
        case .otherFinding: 5
        case .unreadable: 4
        case .reactive: 3
        case .normalBlood: 1
        case .undecided: 0
        }
    }
}
