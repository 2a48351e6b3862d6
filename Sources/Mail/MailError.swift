/// What can go wrong with a letter.
public struct MailError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// A setting of the mail server is wrong or unsafe.
        case configuration
        /// An address or subject could not stand in a letter's head.
        case invalidMessage
        /// The mail server could not be reached, or refused.
        case notSent
    }

    public let code: Code
    /// What is wrong; no address and no content.
    public let message: String

    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, message)
    }

    public var description: String { message }
}
