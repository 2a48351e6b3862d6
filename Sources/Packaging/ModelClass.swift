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
        (self.key, self.displayName, self.malignant) = (key, displayName, malignant)
    }

    /// The classes of every model, in the order of every output vector, with their English names.
    public static let standard = zip(
        SmearClass.allCases, ["Benign (haematogones)", "Malignant early Pre-B", "Malignant Pre-B", "Malignant Pro-B"]
    ).map { ModelClass(key: $0.rawValue, displayName: $1, malignant: $0.isMalignant) }
}
