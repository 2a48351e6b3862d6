import Foundation

/// Why cells could not be read.
public struct CellError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// A file of the model is missing, damaged, or does not fit the others.
        case model
        /// The image or its scale cannot be read.
        case image
        /// The cells of a site are too few to fit the model to.
        case calibration
    }

    public let code: Code
    /// What was wrong, where, and what would be right.
    public let message: String

    public init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    public var description: String { message }
}
