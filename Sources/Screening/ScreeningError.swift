/// Why an image could not be screened, apart from what `ImagingError` and `InferenceError` tell.
public struct ScreeningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for a program to switch over.
    public enum Code: String, Sendable, CaseIterable {
        /// There is no such file.
        case fileNotFound
        /// The path leads to a directory, a device or a pipe.
        case notAFile
        /// The file has more bytes than the limit; it was not read.
        case fileTooLarge
        /// The file system refused to read.
        case fileUnreadable
    }

    /// What went wrong.
    public let code: Code
    /// One sentence for the reader.
    public let message: String
    /// The file concerned.
    public let path: String

    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: One sentence for the reader.
    ///   - path: The file concerned.
    public init(_ code: Code, _ message: String, path: String) {
        (self.code, self.message, self.path) = (code, message, path)
    }

    /// The message alone; the caller shows the path.
    public var description: String { message }
}
