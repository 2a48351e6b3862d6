/// Why a model package could not be read or written.
public struct PackagingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for a program to switch over.
    public enum Code: String, Sendable, CaseIterable {
        /// The directory, or a file that the package must hold, is not there.
        case missingFile
        /// `model.json` or a file beside it cannot be parsed.
        case malformed
        /// `model.json` was written for a format that this version does not know.
        case unsupportedFormatVersion
        /// A file differs from the SHA-256 that `model.json` states.
        case wrongChecksum
        /// The classes are not the four of this project in their order.
        case wrongClasses
        /// A parameter tensor is absent or has another shape than `model.json` states.
        case wrongShape
        /// The preprocessing steps do not end in an input that the network can take.
        case wrongPreprocessing
        /// A number is outside the range in which it means anything.
        case invalidValue
        /// The file system refused to read or write.
        case inputOutput
        /// An archive of a package cannot be read, or holds what a package does not.
        case unusableArchive
        /// A package is larger than is taken.
        case tooLarge
        /// No model package was found where one was looked for.
        case notFound
    }

    /// What went wrong.
    public let code: Code
    /// One sentence for the reader, with the file and the two values that differ.
    public let message: String
    /// The file or directory concerned.
    public let path: String
    /// What was expected, when the error is a difference.
    public let expected: String?
    /// What was found, when the error is a difference.
    public let actual: String?
    /// The text of the error that caused this one.
    public let underlying: String?

    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: One sentence for the reader.
    ///   - path: The file or directory concerned.
    ///   - expected: The value that should have been there.
    ///   - actual: The value that was there.
    ///   - underlying: The error that caused this one.
    public init(
        _ code: Code, _ message: String, path: String, expected: String? = nil, actual: String? = nil,
        underlying: (any Error)? = nil
    ) {
        (self.code, self.message, self.path, self.expected, self.actual) = (code, message, path, expected, actual)
        self.underlying = underlying.map { String(describing: $0) }
    }

    /// The message with the place and the cause, on one line.
    public var description: String {
        var text = path.isEmpty ? message : "\(path): \(message)"
        if let expected, let actual { text += " (expected \(expected), found \(actual))" }
        if let underlying { text += ": \(underlying)" }
        return text
    }
}
