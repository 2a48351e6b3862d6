/// Why a report could not be made.
public struct ScreeningReportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for a program to switch over.
    public enum Code: String, Sendable, CaseIterable {
        /// The drawing library failed.
        case drawing
    }

    public let code: Code
    /// One sentence for the log.
    public let message: String

    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, message)
    }

    public var description: String { message }
}
