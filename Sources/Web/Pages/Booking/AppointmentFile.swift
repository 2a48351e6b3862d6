import Clinic
import Foundation
import Wording

extension CalendarFile {
    /// An appointment for the person who has it; all that the page shows of time and place.
    ///
    /// - Parameters:
    ///   - publicURL: Where people reach the site; nil where that is not known.
    init(_ visit: Booking.Visit, publicURL: URL?, text: TextCatalogue) {
        let doctor = visit.doctor
        let name = visit.side == .patient ? doctor.name : visit.patientName
        self.init(
            visit.appointment, publicURL: publicURL, summary: text("appointments.calendar.with", ["name": name]),
            organizer: (
                doctor.name,
                doctor.email.isEmpty || doctor.email.contains(where: { !$0.isASCII })
                    ? Self.siteURI(publicURL) : MailtoAddress.of(doctor.email)
            ))
        if visit.appointment.state == .cancelled { method = .cancel }
        if !visit.appointment.videoAddress.isEmpty { conference = visit.appointment.videoAddress }
        location = VisitWords.place(of: doctor)
        position = (doctor.clinic.position.latitude, doctor.clinic.position.longitude)
        description = doctor.phone.isEmpty ? "" : text("appointments.calendar.phone", ["phone": doctor.phone])
    }

    /// An appointment for a letter: when it is and where to read more, nothing of who meets whom.
    ///
    /// - Parameter reader: The address that the letter goes to.
    init(letterOn appointment: Appointment, to reader: String, publicURL: URL?, text: TextCatalogue) {
        self.init(
            appointment, publicURL: publicURL, summary: text("appointments.calendar.plain"),
            organizer: (text("site.name"), Self.noReply(publicURL)))
        method = appointment.state == .cancelled ? .cancel : .request
        attendee = reader
    }

    /// An address of mail, which calendars want of who asks; nobody is asked to answer there.
    private static func noReply(_ publicURL: URL?) -> String {
        "mailto:noreply@\(publicURL?.host() ?? "leukoscope.invalid")"
    }

    private init(
        _ appointment: Appointment, publicURL: URL?, summary: String, organizer: (name: String, uri: String)
    ) {
        let host = publicURL?.host() ?? "leukoscope.invalid"
        let status: Status =
            switch appointment.state {
            case .requested: .tentative
            case .confirmed, .completed, .missed: .confirmed
            case .cancelled: .cancelled
            }
        self.init(
            identifier: "\(appointment.id)@\(host)", start: appointment.startsAt, end: appointment.endsAt,
            sequence: appointment.sequence, status: status, summary: summary, createdAt: appointment.createdAt,
            updatedAt: appointment.updatedAt, address: publicURL?.appending(path: "appointments/\(appointment.id)"),
            organizer: organizer)
    }

    private static func siteURI(_ publicURL: URL?) -> String {
        publicURL?.absoluteString ?? "mailto:noreply@leukoscope.invalid"
    }
}
