/// The four classes, and the folder names that stand for them.
public enum LabelNames {
    /// Keys in class order: the index is the label that networks learn.
    public static let keys = ["benign", "early-pre-b", "pre-b", "pro-b"]

    /// Folder names of the classes, as drawn sets are written.
    public static let folders = ["Benign", "Early", "Pre", "Pro"]

    private static let spellings: [String: String] = [
        "benign": "benign",
        "early": "early-pre-b", "early pre b": "early-pre-b", "malignant early pre b": "early-pre-b",
        "pre": "pre-b", "pre b": "pre-b", "malignant pre b": "pre-b",
        "pro": "pro-b", "pro b": "pro-b", "malignant pro b": "pro-b",
    ]

    /// The class key for a folder name; case, brackets, `_`, `-` and spaces make no difference.
    ///
    /// - Returns: `nil` for a name that stands for no class.
    public static func key(forFolder name: String) -> String? {
        let separated = name.lowercased().map { "[]_-. \t".contains($0) ? " " : $0 }
        return spellings[String(separated).split(separator: " ").joined(separator: " ")]
    }

    /// The label 0...3 of a class key, or `nil` for an unknown key.
    public static func label(forKey key: String) -> Int? {
        keys.firstIndex(of: key)
    }
}
