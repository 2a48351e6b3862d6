import Foundation

extension MailMessage {
    /// The letter as it crosses the wire (RFC 5322 and MIME): lines of at most 76 characters ended by CRLF, ASCII only.
    ///
    /// A subject beyond ASCII becomes encoded words (RFC 2047), the body base64 (RFC 2045, 6.8), so that neither 8-bit
    /// transport nor SMTPUTF8 is needed and no line of the body can be taken for a command.
    ///
    /// - Parameters:
    ///   - sender: An address without a name.
    ///   - date: For the field `Date`.
    ///   - identifier: Unique; for the field `Message-ID`.
    /// - Throws: `MailError.invalidMessage` for an address or subject with a line break or control character, which
    ///   could smuggle in fields, or an address that is not of ASCII.
    func text(from sender: String, date: Date, identifier: String) throws -> String {
        try Self.check(sender)
        try Self.check(recipient)
        let host = sender.split(separator: "@").last.map(String.init) ?? "localhost"
        let fields = [
            "Date: \(Self.date(date))", "From: Leukoscope <\(sender)>", "To: <\(recipient)>",
            "Subject: \(try Self.subject(subject))", "Message-ID: <\(identifier)@\(host)>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
            "Auto-Submitted: auto-generated",
        ]
        return fields.joined(separator: "\r\n") + "\r\n\r\n" + Self.encodedBody(body)
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

    private static func encodedBody(_ body: String) -> String {
        let lines = body.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        let text = Array(Data(lines.utf8).base64EncodedString())
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
