import Findings

/// One class that a model tells apart.
public struct ModelClass: Codable, Sendable, Equatable {
    /// The stable key, as in `early-pre-b`.
    public let key: String
    /// The name shown to people.
    public let displayName: String
    /// Whether the class is a form of leukaemia; a package that says otherwise than `SmearClass` is refused.
    public let malignant: Bool

    /// - Parameters:
    ///   - key: The stable key.
    ///   - displayName: The name shown to people.
    ///   - malignant: Whether the class is a form of leukaemia.
    public init(key: String, displayName: String, malignant: Bool) {
        self.key = key
        self.displayName = displayName
        self.malignant = malignant
    }

    /// A class of this project, with its English name.
    public init(_ smearClass: SmearClass) {
        let name =
            switch smearClass {
            case .benign: "Benign (haematogones)"
            case .earlyPreB: "Malignant early Pre-B"
            case .preB: "Malignant Pre-B"
            case .proB: "Malignant Pro-B"
            }
        self.init(key: smearClass.rawValue, displayName: name, malignant: smearClass.isMalignant)
    }

    /// The classes of every model, in the order of every output vector.
    public static let standard = SmearClass.allCases.map { ModelClass($0) }
}
