import Clinic
import Foundation
import Wording

extension CalendarFile {
    /// An appointment for who has it; all that the page shows of time and place.
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
                    ? Self.siteURI(publicURL) : "mailto:\(doctor.email)"
            ))
        location = VisitWords.place(of: doctor)
        position = (doctor.clinic.position.latitude, doctor.clinic.position.longitude)
        description = doctor.phone.isEmpty ? "" : text("appointments.calendar.phone", ["phone": doctor.phone])
    }

    /// An appointment for a letter: when it is and where to read more, nothing of who meets whom.
    init(letterOn appointment: Appointment, publicURL: URL?, text: TextCatalogue) {
        self.init(
            appointment, publicURL: publicURL, summary: text("appointments.calendar.plain"),
            organizer: (text("site.name"), Self.siteURI(publicURL)))
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
