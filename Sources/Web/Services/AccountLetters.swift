import Clinic
import Foundation
import Mail
import Wording

/// Letters on accounts: links that set a password, and what an administrator changed. A letter is in the language that its reader has
/// chosen, else in the site's.
struct AccountLetters: Sendable {
    enum Kind: String, Sendable, CaseIterable { case invitation, reset, factorOff }

    /// Nil where no mail server is configured.
    let mail: (any MailSender)?
    /// Where people reach the site, without a slash at the end; empty where nobody has named it.
    let address: String
    let texts: TextLibrary

    /// Where a link leads.
    func link(_ secret: SecretToken, asked request: String? = nil) -> String {
        let place = address.isEmpty ? request.map { "http://\($0)" } ?? "" : address
        return "\(place)/reset/\(secret.text)"
    }

    /// Sends a letter and waits for the mail server's answer.
    ///
    /// - Returns: False where no mail server is configured.
    /// - Throws: What the mail server says.
    func send(_ kind: Kind, to user: User, link: String = "") async throws -> Bool {
        guard let mail else { return false }
        let text = texts[user.language] ?? texts.site
        try await mail.send(
            MailMessage(
                to: user.email, subject: text("admin.letters.\(kind.rawValue).subject"),
                body: text("admin.letters.\(kind.rawValue).body", ["link": link, "name": user.name])))
        return true
    }
}
