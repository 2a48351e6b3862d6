import CCurl
import Foundation
import NativeCalls
import Offloading

/// Sends letters through an SMTP server, with libcurl, on a thread of its own, one at a time.
public final class SMTPSender: MailSender {
    private let url: String
    private let requiresTLS: Bool
    private let authorities: String?
    private let user: String?
    private let password: String?
    private let sender: String
    private let timeoutSeconds: Int
    /// Its own, so that a mail server that does not answer holds up nothing else.
    private let thread = BlockingThreads(name: "leukoscope.mail", count: 1)

    /// - Parameters:
    ///   - url: `smtps://host:465` for TLS from the start, `smtp://host:587` for STARTTLS, which the server must offer
    ///     unless it is on this machine. Certificates are checked against the system's authorities.
    ///   - authorities: A PEM file with the authorities to believe in place of the system's, such as a clinic's own.
    ///   - user: The name at the server, where it asks for one.
    ///   - password: The password at the server.
    ///   - sender: The address that letters come from.
    ///   - timeoutSeconds: How long one letter may take.
    /// - Throws: `MailError.configuration` for another kind of URL, a name or password within it, or a wrong sender.
    public init(
        url: String, authorities: URL? = nil, user: String?, password: String?, from sender: String,
        timeoutSeconds: Int = 30
    ) throws {
        guard let parts = URLComponents(string: url), ["smtp", "smtps"].contains(parts.scheme),
            let host = parts.host, !host.isEmpty, parts.path.isEmpty || parts.path == "/"
        else { throw MailError(.configuration, "The mail server must look like smtps://mail.example.org:465.") }
        guard parts.user == nil, parts.password == nil else {
            throw MailError(.configuration, "Give the mail server's user and password on their own, not in the URL.")
        }
        do { try MailMessage.check(sender) } catch {
            throw MailError(.configuration, "The sender must be an address such as leukoscope@example.org.")
        }
        let isHere = host == "localhost" || cc_address_is_here(host) == 1
        self.url = url
        requiresTLS = !isHere
        self.authorities = authorities?.path
        (self.user, self.password, self.sender, self.timeoutSeconds) = (user, password, sender, timeoutSeconds)
    }

    public func send(_ message: MailMessage) async throws {
        let identifier = UUID().uuidString.lowercased()
        let text = try message.text(from: sender, date: Date(), identifier: identifier)
        try await thread.run { [self] in try transmit(text, to: message.recipient) }
    }

    private func transmit(_ text: String, to recipient: String) throws {
        let bytes = Array(text.utf8).map { CChar(bitPattern: $0) }
        try Native.call {
            cc_send_mail(
                url, requiresTLS ? 1 : 0, authorities, user, password, sender, recipient, bytes, bytes.count,
                timeoutSeconds, $0)
        } orThrow: { _, reason in
            MailError(.notSent, "The mail server did not take the letter: \(reason).")
        }
    }
}
