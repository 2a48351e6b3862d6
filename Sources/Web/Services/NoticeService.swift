import Clinic
import Foundation
import Logging
import Mail
import Wording

/// What goes on beside the pages: letters on what people have not seen, others who are told of malignant readings that
/// nobody opened, and cases that the watch over microscopes takes once they are quiet. All of it is in the database, so that a restart loses nothing and repeats nothing.
///
/// Any number of servers may run it on one database.
public struct NoticeService: Sendable {
    private let notices: Notices
    private let sites: Sites
    private let mail: (any MailSender)?
    private let address: String
    private let texts: TextLibrary
    private let logger: Logger

    /// How often it looks.
    private static let interval = Duration.seconds(60)
    /// After so many letters that were not taken, the mail server is left alone until the next round.
    private static let failuresInARow = 5

    /// - Parameters:
    ///   - services: Database, mail, clock.
    ///   - configuration: Language, and the address for links.
    ///   - logger: Where to log.
    /// - Throws: `WebError.resource` when the texts cannot be read.
    public init(services: SiteServices, configuration: WebConfiguration, logger: Logger) throws {
        (notices, mail, self.logger) = (services.notices, services.mail, logger)
        sites = services.sites
        address = (configuration.publicURL?.absoluteString ?? "").trimmingCharacters(in: ["/"])
        texts = try TextLibrary(in: configuration.texts, site: configuration.language)
    }

    /// Works until the task is cancelled.
    public func run() async {
        do { try await notices.returnInterruptedLetters() } catch { log("letters could not be taken up again", error) }
        while !Task.isCancelled {
            await round()
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }

    /// Looks once: first at quiet cases, then who else is to be told, then the letters. A failure is logged, and tried again in
    /// the next round.
    public func round() async {
        do { try await sites.takeCases() } catch { log("cases could not be watched", error) }
        do {
            try await notices.escalate()
            try await sendLetters()
        } catch {
            log("people could not be told", error)
        }
    }

    private func sendLetters() async throws {
        guard mail != nil else { return }
        var failures = 0
        // In no order, so that a few addresses that the mail server refuses never stand before all others.
        for (notice, reader) in try await notices.dueLetters().shuffled() where !Task.isCancelled {
            failures = try await send(notice, to: reader) ? 0 : failures + 1
            guard failures < Self.failuresInARow else { return }
        }
    }

    /// Sends one letter, unless another server does.
    ///
    /// - Returns: False when the mail server did not take it.
    private func send(_ notice: Notice, to reader: LetterReader) async throws -> Bool {
        guard let mail, try await notices.claimLetter(notice.id) else { return true }
        do {
            // Neither a name nor what was found stands in a letter, which crosses other people's computers.
            let text = texts[reader.language] ?? texts.site
            let path = "notices.kinds.\(notice.kind.rawValue)"
            try await mail.send(
                MailMessage(
                    to: reader.email, subject: text("\(path).subject"),
                    body: text("\(path).body", ["link": "\(address)/", "days": String(RetentionPolicy.noticeDays)])
                        + text("appointments.letters.footer")))
        } catch {
            log("letter not sent", error)
            // In a task of its own: a server that stops must still give it back.
            try await Task.detached { [notices] in try await notices.returnLetter(notice.id) }.value
            return false
        }
        try await Task.detached { [notices] in try await notices.confirmLetter(notice.id) }.value
        return true
    }

    private func log(_ message: Logger.Message, _ error: any Error) {
        if !(error is CancellationError) { logger.warning(message, metadata: ["error": "\(error)"]) }
    }
}
