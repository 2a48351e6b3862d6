/// One class that a model tells apart.
public struct ModelClass: Codable, Sendable, Equatable {
    /// The stable key, as in `early-pre-b`.
    public let key: String
    /// The name shown to people.
    public let displayName: String
    /// Whether the class is a form of leukaemia.
    public let malignant: Bool

    /// - Parameters:
    ///   - key: the stable key.
    ///   - displayName: the name shown to people.
    ///   - malignant: whether the class is a form of leukaemia.
    public init(key: String, displayName: String, malignant: Bool) {
        self.key = key
        self.displayName = displayName
        self.malignant = malignant
    }

    /// The four classes of B-cell acute lymphoblastic leukaemia screening, in the order of every output vector.
    public static let standard: [ModelClass] = [
        ModelClass(key: "benign", displayName: "Benign (haematogones)", malignant: false),
        ModelClass(key: "early-pre-b", displayName: "Malignant early Pre-B", malignant: true),
        ModelClass(key: "pre-b", displayName: "Malignant Pre-B", malignant: true),
        ModelClass(key: "pro-b", displayName: "Malignant Pro-B", malignant: true),
    ]
}
