import Mail
import Synchronization

/// Keeps letters in place of sending them.
final class LetterBox: MailSender {
    private let letters = Mutex<[MailMessage]>([])

    func send(_ message: MailMessage) async throws { letters.withLock { $0.append(message) } }

    var all: [MailMessage] { letters.withLock { $0 } }

    var count: Int { letters.withLock { $0.count } }

    /// The first letter, waited for at most 10 seconds: it is sent after the answer.
    func first() async throws -> MailMessage? {
        for _ in 0..<1000 {
            if let letter = letters.withLock({ $0.first }) { return letter }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }
}
