import Mail
import Synchronization

/// Keeps letters in place of sending them.
final class LetterBox: MailSender {
    private let letters = Mutex<[MailMessage]>([])

    func send(_ message: MailMessage) async throws { letters.withLock { $0.append(message) } }

    var all: [MailMessage] { letters.withLock { $0 } }

    var count: Int { letters.withLock { $0.count } }

    /// The first letter, which is waited for: it is sent after the answer.
    func first() async throws -> MailMessage? {
        try await eventually("a letter") { count > 0 }
        return all.first
    }
}
