import Foundation
import Mail
import Testing

@Suite(.serialized) struct SMTPSenderTests {
    private static let message = MailMessage(
        to: "anna@example.org",
        subject: "Ein neues Passwort für Größenwahn – und noch viel mehr Worte, die falten müssen",
        body: "Grüße.\n.\nA line that begins with a full stop:\n.leading\n\nhttps://example.org/reset/abc_-\n")

    private func sender(_ server: MailServer, _ scheme: String, password: String? = nil, believing: Bool = true) throws
        -> SMTPSender
    {
        try SMTPSender(
            url: "\(scheme)://127.0.0.1:\(server.port)", authorities: believing ? server.certificate : nil,
            user: password == nil ? nil : "post", password: password, from: "leukoscope@example.org",
            timeoutSeconds: 120
        )
    }

    @Test func `sends a letter that arrives as it was written`() async throws {
        let server = try await MailServer("plain")
        try await sender(server, "smtp", believing: false).send(Self.message)
        let letter = try await server.letter()
        #expect(letter.from == "leukoscope@example.org")
        #expect(letter.to == ["anna@example.org"])
        #expect(letter.body == Self.message.body.replacing("\n", with: "\r\n"))
        #expect(letter.fields["To"] == "<anna@example.org>")
        #expect(letter.fields["Content-Type"] == "text/plain; charset=utf-8")
        #expect(letter.text.utf8.allSatisfy { $0 < 0x80 })
        #expect(letter.text.replacing("\r\n", with: "\n").split(separator: "\n").allSatisfy { $0.utf8.count <= 78 })
        let words = try #require(letter.fields["Subject"]).split(separator: " ")
        #expect(words.count > 1)
        let decoded = words.map { word in
            let data = Data(base64Encoded: String(word.dropFirst("=?utf-8?B?".count).dropLast(2))) ?? Data()
            return String(decoding: data, as: UTF8.self)
        }
        #expect(decoded.joined() == Self.message.subject)
    }

    @Test(arguments: [("starttls", "smtp"), ("tls", "smtps")]) func `encrypts and logs in`(kind: String, scheme: String)
        async throws
    {
        let server = try await MailServer(kind, asksForLogin: kind == "starttls")
        let password = kind == "starttls" ? "secret word" : nil
        try await sender(server, scheme, password: password).send(Self.message)
        let letter = try await server.letter()
        #expect(letter.tls || kind == "tls")
        #expect(letter.user == (password == nil ? nil : "post"))
    }

    @Test func `refuses a certificate that nobody vouches for`() async throws {
        let server = try await MailServer("tls")
        let sender = try sender(server, "smtps", believing: false)
        await #expect { try await sender.send(Self.message) } throws: { ($0 as? MailError)?.code == .notSent }
    }

    @Test func `tells that the server refused without the address or the password`() async throws {
        let server = try await MailServer("plain")
        let sender = try sender(server, "smtp", believing: false)
        let refused = MailMessage(to: "refused@example.org", subject: "s", body: "b")
        await #expect { try await sender.send(refused) } throws: {
            guard let error = $0 as? MailError else { return false }
            return error.code == .notSent && !error.message.contains("refused@")
        }
        let wrong = try await MailServer("starttls", asksForLogin: true)
        let stranger = try self.sender(wrong, "smtp", password: "wrong word")
        await #expect { try await stranger.send(Self.message) } throws: {
            ($0 as? MailError)?.code == .notSent && !"\($0)".contains("wrong word")
        }
    }

    @Test func `tells that nobody listens`() async throws {
        let sender = try SMTPSender(
            url: "smtp://127.0.0.1:1", user: nil, password: nil, from: "leukoscope@example.org")
        await #expect { try await sender.send(Self.message) } throws: { ($0 as? MailError)?.code == .notSent }
    }

    @Test(arguments: [
        "anna@example.org\r\nBcc: all@example.org", "anna@example.org\n", "a b@example.org", "anna", "@example.org",
        "anna@", "<anna@example.org>", "anna@example.org, ben@example.org", "anná@example.org", "",
    ])
    func `refuses an address that could smuggle in a field`(address: String) async throws {
        let sender = try SMTPSender(url: "smtp://127.0.0.1:1", user: nil, password: nil, from: "l@example.org")
        await #expect { try await sender.send(MailMessage(to: address, subject: "s", body: "b")) } throws: {
            ($0 as? MailError)?.code == .invalidMessage
        }
    }

    @Test(arguments: ["a\r\nBcc: x@example.org", "a\nb", "a\u{0}b", "a\u{85}b", "a\u{2028}b"])
    func `refuses a subject with a line break`(subject: String) async throws {
        let sender = try SMTPSender(url: "smtp://127.0.0.1:1", user: nil, password: nil, from: "l@example.org")
        await #expect { try await sender.send(MailMessage(to: "a@b.org", subject: subject, body: "b")) } throws: {
            ($0 as? MailError)?.code == .invalidMessage
        }
    }

    @Test func `sends a file beside the text`() async throws {
        let server = try await MailServer("plain")
        let bytes = Array("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".utf8)
        try await sender(server, "smtp", believing: false).send(
            MailMessage(
                to: "anna@example.org", subject: "Reminder", body: "Tomorrow at ten.\n",
                attachment: .init(
                    name: "appointment.ics", contentType: "text/calendar; charset=utf-8; method=PUBLISH", bytes: bytes))
        )
        let parts = try await MailServer.parts(of: server.letter().text)
        #expect(parts.map(\.type) == ["text/plain", "text/calendar"])
        #expect(parts.map(\.name) == [nil, "appointment.ics"])
        #expect(parts[0].content == "Tomorrow at ten.\r\n")
        #expect(parts[1].content == String(decoding: bytes, as: UTF8.self))
    }

    @Test(arguments: ["a\r\nBcc: all@example.org", "a\"b.ics", "", "../a"])
    func `refuses an attachment whose name could smuggle in a field`(name: String) async throws {
        let sender = try SMTPSender(url: "smtp://127.0.0.1:1", user: nil, password: nil, from: "l@example.org")
        let letter = MailMessage(
            to: "a@b.org", subject: "s", body: "b", attachment: .init(name: name, contentType: "text/plain", bytes: []))
        await #expect { try await sender.send(letter) } throws: { ($0 as? MailError)?.code == .invalidMessage }
    }

    @Test(arguments: [
        ("http://mail.example.org", "l@example.org"), ("smtp://user:password@mail.example.org", "l@example.org"),
        ("smtp://", "l@example.org"), ("smtps://mail.example.org/path", "l@example.org"),
        ("smtps://mail.example.org", "nobody"),
    ])
    func `refuses settings that are none`(url: String, from: String) {
        #expect {
            _ = try SMTPSender(url: url, user: nil, password: nil, from: from)
        } throws: {
            ($0 as? MailError)?.code == .configuration
        }
    }
}
