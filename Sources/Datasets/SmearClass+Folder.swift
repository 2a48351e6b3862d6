import Findings

extension SmearClass {
    /// The name of its folder, as drawn sets are written.
    public var folder: String {
        switch self {
        case .benign: "Benign"
        case .earlyPreB: "Early"
        case .preB: "Pre"
        case .proB: "Pro"
        }
    }

    /// The class that a folder name stands for; case, brackets, `_`, `-` and spaces make no difference.
    ///
    /// - Returns: `nil` for a name that stands for no class.
    public init?(folder name: String) {
        let words = String(name.lowercased().map { "[]_-. \t".contains($0) ? " " : $0 }).split(separator: " ")
        switch words.joined(separator: " ") {
        case "benign": self = .benign
        case "early", "early pre b", "malignant early pre b": self = .earlyPreB
        case "pre", "pre b", "malignant pre b": self = .preB
        case "pro", "pro b", "malignant pro b": self = .proB
        default: return nil
        }
    }
}
