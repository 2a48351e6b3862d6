import Foundation

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
            (self.name, self.contentType, self.bytes) = (name, contentType, bytes)
        }
    }

    /// An address without a name.
    public let recipient: String
    public let subject: String
    public let body: String
    public let attachment: Attachment?

    public init(to recipient: String, subject: String, body: String, attachment: Attachment? = nil) {
        (self.recipient, self.subject, self.body, self.attachment) = (recipient, subject, body, attachment)
    }

    /// The letter as it crosses the wire (RFC 5322 and MIME): lines of at most 76 characters ended by CRLF, ASCII only.
    ///
    /// A subject beyond ASCII becomes encoded words (RFC 2047), the body base64 (RFC 2045, 6.8), so that neither 8-bit
    /// transport nor SMTPUTF8 is needed and no line of the body can be taken for a command.
    ///
    /// - Parameters:
    ///   - sender: An address without a name.
    ///   - date: For the field `Date`.
    ///   - identifier: Unique; for the field `Message-ID`.
    /// - Throws: `MailError.invalidMessage` for an address, subject or attachment's name with a line break or control
    ///   character, which could smuggle in fields, or an address that is not of ASCII.
    func text(from sender: String, date: Date, identifier: String) throws -> String {
        try Self.check(sender)
        try Self.check(recipient)
        let host = sender.split(separator: "@").last.map(String.init) ?? "localhost"
        let head = [
            "Date: \(Self.date(date))", "From: Leukoscope <\(sender)>", "To: <\(recipient)>",
            "Subject: \(try Self.subject(subject))", "Message-ID: <\(identifier)@\(host)>", "MIME-Version: 1.0",
            "Auto-Submitted: auto-generated",
        ].joined(separator: "\r\n")
        return try head + "\r\n" + content(boundary: "part-\(identifier)")
    }

    /// What follows the letter's own fields: the text, or the text and the attachment (RFC 2046, 5.1.3).
    private func content(boundary: String) throws -> String {
        let text = Self.part("text/plain; charset=utf-8", Array(Self.lines(body).utf8))
        guard let attachment else { return text }
        let (name, type) = (attachment.name, attachment.contentType)
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isOfName), type.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        else { throw MailError(.invalidMessage, "The attachment's name or type could not stand in a letter.") }
        let file = Self.part(
            type, attachment.bytes, "Content-Disposition: attachment; filename=\"\(name)\"\r\n")
        return "Content-Type: multipart/mixed; boundary=\"\(boundary)\"\r\n\r\n"
            + "--\(boundary)\r\n\(text)--\(boundary)\r\n\(file)--\(boundary)--\r\n"
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func part(_ type: String, _ bytes: [UInt8], _ fields: String = "") -> String {
        "Content-Type: \(type)\r\nContent-Transfer-Encoding: base64\r\n\(fields)\r\n" + encoded(bytes)
    }

    /// Visible ASCII without what ends an address in a field.
    static func check(_ address: String) throws {
        let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>(),;:\\\"[]".utf8.contains($0) }
        guard isPlain, address.split(separator: "@", omittingEmptySubsequences: false).count == 2,
            !address.hasPrefix("@"), !address.hasSuffix("@"), address.utf8.count <= 254
        else { throw MailError(.invalidMessage, "This is no address that a letter can be sent to.") }
    }

    /// RFC 2047, section 2: each encoded word at most 75 characters, whole characters in each.
    static func subject(_ text: String) throws -> String {
        guard
            text.unicodeScalars.allSatisfy({
                $0.properties.generalCategory != .control && $0.value != 0x2028 && $0.value != 0x2029
            })
        else { throw MailError(.invalidMessage, "The subject holds a line break or control character.") }
        let looksEncoded = text.contains("=?")
        if text.utf8.allSatisfy({ $0 < 0x7F }) && text.utf8.count <= 60 && !looksEncoded { return text }
        var words: [String] = []
        var part = ""
        for scalar in text.unicodeScalars {
            if part.utf8.count + String(scalar).utf8.count > 42 {
                words.append(part)
                part = ""
            }
            part.unicodeScalars.append(scalar)
        }
        if !part.isEmpty { words.append(part) }
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func lines(_ body: String) -> String {
        body.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        let text = Array(Data(bytes).base64EncodedString())
        return stride(from: 0, to: text.count, by: 76).map { start in
            String(text[start..<min(start + 76, text.count)]) + "\r\n"
        }.joined()
    }

    /// RFC 5322, section 3.3, in UTC.
    static func date(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, d MMM yyyy HH:mm:ss"
        return formatter.string(from: date) + " +0000"
    }
}
