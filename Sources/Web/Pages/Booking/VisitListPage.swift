import Clinic
import Foundation
import Wording

/// A patient's appointments, those to come first.
struct VisitListPage: Sendable {
    let frame: PageFrame
    let coming: [VisitWords]
    let past: [VisitWords]

    init(_ visits: [Booking.Visit], now: Date, site: Site, context: WebContext) {
        let text = site.text
        frame = PageFrame(site: site, title: text("appointments.title"), place: .account, context: context)
        let open = visits.filter { $0.appointment.isOpen(at: now) }
        coming = open.reversed().map { VisitWords($0, now: now, text: text) }
        past = visits.filter { !$0.appointment.isOpen(at: now) }.map { VisitWords($0, now: now, text: text) }
    }
}
