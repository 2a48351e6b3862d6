/// Sends letters; a mail server, or in tests a list.
public protocol MailSender: Sendable {
    /// Hands a letter over.
    ///
    /// - Throws: `MailError` when it was not taken.
    func send(_ message: MailMessage) async throws
}

/// A letter of plain text to one person.
public struct MailMessage: Sendable, Equatable {
    /// An address without a name.
    public let recipient: String
    public let subject: String
    public let body: String

    public init(to recipient: String, subject: String, body: String) {
        self.recipient = recipient
        self.subject = subject
        self.body = body
    }
}
