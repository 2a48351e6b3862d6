/// What stops a comparison.
public struct ComparisonError: Error, CustomStringConvertible, Sendable {
    public enum Code: Sendable {
        /// What was asked for cannot be compared.
        case usage
        /// A file is missing, damaged, or belongs to another comparison.
        case file
        /// OpenCV reported an error.
        case library
        /// The person asked to stop; finished folds are kept.
        case interrupted
    }

    public let code: Code
    /// What was wrong, where, and what would be right.
    public let message: String

    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, message)
    }

    public var description: String { message }
}
