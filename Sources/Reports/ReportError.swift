/// Why a report was not written.
public struct ReportError: Error, Sendable, CustomStringConvertible {
    /// The kinds of problem, for programs.
    public enum Code: String, Sendable {
        /// The folder or a file in it cannot be written.
        case notWritable
        /// A picture could not be encoded.
        case picture
        /// The figures to show do not belong together.
        case inconsistent
    }

    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The file that was being written.
    public let path: String?
    public let underlying: (any Error)?

    public init(code: Code, message: String, path: String? = nil, underlying: (any Error)? = nil) {
        (self.code, self.message, self.path, self.underlying) = (code, message, path, underlying)
    }

    public var description: String {
        let place = path.map { " (\($0))" } ?? ""
        return "\(message)\(place)" + (underlying.map { ": \($0)" } ?? "")
    }
}
