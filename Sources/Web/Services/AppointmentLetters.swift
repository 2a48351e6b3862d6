import Clinic
import Foundation
import Logging
import Mail
import Wording

/// The letters on appointments. They tell that there is one and when, and where to read more; neither the doctor's name
/// and specialty nor anything that was written stands in a letter, which crosses other people's computers.
struct AppointmentLetters: Sendable {
    enum Kind: String, Sendable, CaseIterable { case requested, moved, confirmed, cancelled, reminder }

    let booking: Booking
    /// nil where no mail server is configured; then nothing is sent.
    let mail: (any MailSender)?
    let publicURL: URL?
    /// Each letter is in the language that its reader has chosen.
    let texts: TextLibrary
    let logger: Logger

    /// Tells the other side of a change, after the answer; what the mail server says changes nothing of it.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - appointment: As stored.
    ///   - side: Who is told.
    func tell(_ side: AppointmentRule.Side, _ kind: Kind, _ appointment: Appointment) {
        guard mail != nil else { return }
        Task {
            do {
                try await send(kind, to: side, on: appointment)
            } catch {
                logger.error(
                    "letter on an appointment not sent",
                    metadata: [
                        "kind": "\(kind.rawValue)", "appointment": "\(appointment.id)", "reason": "\(error)",
                    ])
            }
        }
    }

    /// Tells the other sides of appointments that ended with an account.
    func tell(_ released: [Booking.Released]) {
        guard let mail else { return }
        Task {
            for end in released {
                guard let reader = end.reader else { continue }
                do {
                    try await mail.send(
                        letter(.cancelled, to: reader, on: end.appointment, zone: TimeZone(identifier: end.timeZone)))
                } catch {
                    logger.error(
                        "letter on an appointment not sent",
                        metadata: ["appointment": "\(end.appointment.id)", "reason": "\(error)"])
                }
            }
        }
    }

    /// Sends a letter; nothing where that side has no address.
    ///
    /// - Throws: `MailError`, `ClinicError`.
    func send(_ kind: Kind, to side: AppointmentRule.Side, on appointment: Appointment) async throws {
        guard let mail, let addressees = try await booking.addressees(of: appointment),
            let reader = side == .patient ? addressees.patient : addressees.account
        else { return }
        try await mail.send(letter(kind, to: reader, on: appointment, zone: addressees.doctor.clinic.zone))
    }

    private func letter(
        _ kind: Kind, to reader: LetterReader, on appointment: Appointment, zone: TimeZone?
    ) -> MailMessage {
        let text = texts[reader.language] ?? texts.site
        let time = ClinicTime(appointment.time, zone: zone, text: text)
        let page = publicURL?.appending(path: "appointments/\(appointment.id)").absoluteString ?? ""
        let values = ["day": time.day, "time": time.begin, "zone": time.zone, "link": page]
        let file = CalendarFile(letterOn: appointment, to: reader.email, publicURL: publicURL, text: text)
        return MailMessage(
            to: reader.email, subject: text("appointments.letters.\(kind.rawValue).subject", values),
            body: text("appointments.letters.\(kind.rawValue).body", values)
                + text("appointments.letters.footer", values),
            attachment: kind == .requested || kind == .moved
                ? nil
                : .init(name: "appointment.ics", contentType: file.contentType, bytes: Array(file.text.utf8)))
    }
}
