/// Sends letters; a mail server, or in tests a list.
public protocol MailSender: Sendable {
    /// Hands a letter over.
    ///
    /// - Throws: `MailError` when it was not taken.
    func send(_ message: MailMessage) async throws
}

/// A letter of plain text to one person, with a file beside it where there is one.
public struct MailMessage: Sendable, Equatable {
    /// A file that goes with a letter.
    public struct Attachment: Sendable, Equatable {
        /// ASCII letters, digits, point and hyphen.
        public let name: String
        /// Such as `text/calendar; charset=utf-8`.
        public let contentType: String
        public let bytes: [UInt8]

        public init(name: String, contentType: String, bytes: [UInt8]) {
            self.name = name
            self.contentType = contentType
            self.bytes = bytes
        }
    }

    /// An address without a name.
    public let recipient: String
    public let subject: String
    public let body: String
    public let attachment: Attachment?

    public init(to recipient: String, subject: String, body: String, attachment: Attachment? = nil) {
        self.recipient = recipient
        self.subject = subject
        self.body = body
        self.attachment = attachment
    }
}
