import Clinic
import Foundation
import Formats
import Logging
import Mail
import Wording

/// Hands short messages on visits to the gateway. As letters do, they tell that there is a visit and when, nothing of who
/// meets whom or why.
struct AppointmentMessages: Sendable {
    /// What the gateway gets.
    private struct Body: Encodable {
        let id: String
        let kind: String
        /// The number, with the code of the country.
        let to: String
        let text: String
        /// RFC 5646.
        let language: String
        /// RFC 3339, in UTC.
        let startsAt: String
    }

    let messages: VisitMessages
    /// nil where no gateway is configured; then nothing goes out.
    let gateway: (any MessageGateway)?
    let publicURL: URL?
    let texts: TextLibrary
    let logger: Logger

    /// After so many messages that were not taken, the gateway is left alone until the next round.
    private static let failuresInARow = 5

    /// Sends what is due. What could not be sent is logged, and tried again later.
    func deliver() async {
        guard let gateway else { return }
        do {
            var failures = 0
            for message in try await messages.due() where !Task.isCancelled {
                guard let delivery = try await messages.claim(message) else { continue }
                failures = try await send(message, delivery, through: gateway) ? 0 : failures + 1
                guard failures < Self.failuresInARow else { return }
            }
        } catch {
            if !(error is CancellationError) {
                logger.warning("messages could not be sent", metadata: ["error": "\(error)"])
            }
        }
    }

    /// - Returns: Whether the gateway took it.
    private func send(
        _ message: VisitMessage, _ delivery: VisitMessages.Delivery, through gateway: any MessageGateway
    ) async throws -> Bool {
        do {
            try await gateway.post(Array(try body(message, delivery)), identifier: message.id.text)
        } catch let error as MailError {
            // A server that stops in the middle leaves the message to its lease.
            let isTriedAgain = try await messages.failed(message)
            logger.warning(
                "message not sent",
                metadata: [
                    "message": "\(message.id)", "reason": "\(error)", "again": "\(isTriedAgain ? "yes" : "no")",
                ])
            return false
        }
        try await messages.sent(message)
        return true
    }

    private func body(_ message: VisitMessage, _ delivery: VisitMessages.Delivery) throws -> Data {
        let text = texts[delivery.language] ?? texts.site
        let appointment = delivery.appointment
        let time = ClinicTime(appointment.time, zone: delivery.zone, text: text)
        let link = publicURL?.appending(path: "appointments/\(appointment.id)").absoluteString ?? ""
        let words = text(
            "appointments.messages.\(message.kind.rawValue)",
            ["day": time.day, "time": time.begin, "zone": time.zone, "link": link])
        return try JSONFormat.line.data(
            Body(
                id: message.id.text, kind: message.kind.rawValue, to: delivery.number,
                text: words.trimmingCharacters(in: .whitespaces), language: text.language, startsAt: time.machine))
    }
}
