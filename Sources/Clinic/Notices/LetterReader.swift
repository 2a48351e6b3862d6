/// Whom a letter goes to, and in which language it is written.
public struct LetterReader: Sendable, Equatable {
    public let email: String
    /// The tag of the language that they chose (RFC 5646); nil for who chose none.
    public let language: String?

    public init(email: String, language: String?) { (self.email, self.language) = (email, language) }
}
