/// Why a package was not installed.
public struct ModelRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of reason.
    public enum Code: String, Sendable, CaseIterable {
        /// The package is broken: an archive, a checksum, a shape, a value.
        case broken
        /// It was trained on drawn smears.
        case demonstration
        /// It loads, but does not answer drawn images as a model must.
        case failedTrial
        /// Its figures are missing, found in another way, or worse than the active model's.
        case worse
        /// The same package is installed already.
        case alreadyInstalled
    }

    /// The kind of reason.
    public let code: Code
    /// What is wrong, for people.
    public let message: String
    /// The figures side by side, where it came to that.
    public let comparison: ModelComparison?

    /// - Parameters:
    ///   - code: The kind of reason.
    ///   - message: What is wrong, for people.
    ///   - comparison: The figures side by side.
    public init(_ code: Code, _ message: String, comparison: ModelComparison? = nil) {
        self.code = code
        self.message = message
        self.comparison = comparison
    }

    public var description: String { message }
}
