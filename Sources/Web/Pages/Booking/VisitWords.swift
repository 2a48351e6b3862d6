import Clinic
import Foundation
import Wording

/// Says of an appointment in words when it is, with whom, and where it stands.
struct VisitWords: Sendable {
    let address: String
    let time: ClinicTime
    /// The other side's name.
    let name: String
    /// The clinic in one line.
    let place: String
    /// `requested`, `unanswered`, `confirmed`, `begun`, `completed`, `cancelled` or `missed`.
    let kind: String
    /// The state in a word or two.
    let state: String
    /// What the state means for the reader, in a sentence.
    let sentence: String
    let isDemonstration: Bool

    init(_ visit: Booking.Visit, now: Date, text: TextCatalogue) {
        let appointment = visit.appointment
        address = "/appointments/\(appointment.id)"
        time = ClinicTime(appointment.time, zone: visit.doctor.clinic.zone, text: text)
        name = visit.side == .patient ? visit.doctor.name : visit.patientName
        place = Self.place(of: visit.doctor)
        kind = Self.kind(of: appointment, now: now)
        state = text("appointments.states.\(kind)")
        let outcome = kind == "completed" && visit.review != nil ? "reviewed" : kind
        sentence = text("appointments.sentences.\(visit.side.rawValue).\(outcome)")
        isDemonstration = visit.doctor.isDemonstration
    }

    static func place(of doctor: Doctor) -> String {
        [doctor.clinic.name, doctor.clinic.street, doctor.clinic.city].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// The state, told apart by the time: a request that was not answered in time, a visit that has begun.
    private static func kind(of appointment: Appointment, now: Date) -> String {
        switch appointment.state {
        case .requested: now < appointment.startsAt ? "requested" : "unanswered"
        case .confirmed: now < appointment.startsAt ? "confirmed" : "begun"
        case .completed, .cancelled, .missed: appointment.state.rawValue
        }
    }
}
