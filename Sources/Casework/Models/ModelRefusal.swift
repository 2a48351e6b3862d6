import Findings

/// Why a package was not installed.
public struct ModelRefusal: ToldError, Equatable {
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
    /// What is wrong.
    public let message: Message
    /// The figures side by side, where it came to that.
    public let comparison: ModelComparison?

    /// - Parameters:
    ///   - code: The kind of reason.
    ///   - key: The path of the sentence in the catalogue.
    ///   - facts: What the sentence has in place of `{name}`.
    public init(_ code: Code, _ key: StaticString, _ facts: [String: any FactConvertible] = [:]) {
        (self.code, message, comparison) = (code, Message(key, facts: facts), nil)
    }

    /// A package that is worse.
    public init(_ comparison: ModelComparison) {
        (code, message, self.comparison) = (.worse, comparison.reason, comparison)
    }
}
