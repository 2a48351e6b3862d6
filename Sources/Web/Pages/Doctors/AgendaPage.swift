import Clinic
import Foundation
import Wording

/// A doctor's appointments: requests first, then what is to come, what is to be closed, and what is over.
struct AgendaPage: Sendable {
    /// An appointment with the buttons that fit it.
    struct Row: Sendable {
        let words: VisitWords
        let note: String?
        let canConfirm: Bool
        let canCancel: Bool
        let canComplete: Bool
        let canMiss: Bool
        let hasButtons: Bool
        let cancelName: String
    }

    struct Part: Sendable {
        let id: String
        let title: String
        let rows: [Row]
        let empty: String
    }

    let frame: PageFrame
    let parts: [Part]
    let isBookable: Bool
    let hasHours: Bool

    init(_ agenda: Booking.Agenda, now: Date, site: Site, context: WebContext) {
        let text = site.text
        frame = PageFrame(site: site, title: text("appointments.agenda.title"), place: .account, context: context)
        isBookable = agenda.doctor.isBookable
        hasHours = !agenda.doctor.openingHours.weekly.isEmpty || !agenda.doctor.openingHours.exceptions.isEmpty
        let all = [
            ("requests", agenda.requests), ("toClose", agenda.toClose), ("coming", agenda.coming),
            ("closed", agenda.closed),
        ]
        parts = all.filter { $0.0 == "requests" || $0.0 == "coming" || !$0.1.isEmpty }.map { id, visits in
            Part(
                id: id, title: text("appointments.agenda.\(id)"),
                rows: visits.map { Self.row($0, now: now, text: text) },
                empty: text("appointments.agenda.\(id)None"))
        }
    }

    private static func row(_ visit: Booking.Visit, now: Date, text: TextCatalogue) -> Row {
        let actions = Set(AppointmentRule.actions(for: visit.appointment, by: .doctor, now: now))
        // Buttons are for what is open; a slip is mended on the appointment's own page.
        let isOpen = [.requested, .confirmed].contains(visit.appointment.state)
        return Row(
            words: VisitWords(visit, now: now, text: text),
            note: visit.appointment.note.isEmpty ? nil : visit.appointment.note,
            canConfirm: actions.contains(.confirm), canCancel: isOpen && actions.contains(.cancel),
            canComplete: isOpen && actions.contains(.complete), canMiss: actions.contains(.miss),
            hasButtons: isOpen && !actions.isEmpty,
            cancelName: text(
                visit.appointment.state == .requested ? "appointments.visit.refuse" : "appointments.visit.cancel"))
    }
}
