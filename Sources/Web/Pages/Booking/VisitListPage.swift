import Clinic
import Foundation
import Wording

/// A patient's appointments, those to come first.
struct VisitListPage: Sendable {
    let frame: PageFrame
    let text: TextCatalogue
    let coming: [VisitWords]
    let past: [VisitWords]
    let hasComing: Bool
    let hasPast: Bool

    init(_ visits: [Booking.Visit], now: Date, site: Site, context: WebContext) {
        let text = site.text
        frame = PageFrame(site: site, title: text("appointments.title"), place: .account, context: context)
        self.text = text
        let open = visits.filter { $0.appointment.isOpen(at: now) }
        coming = open.reversed().map { VisitWords($0, now: now, text: text) }
        past = visits.filter { !$0.appointment.isOpen(at: now) }.map { VisitWords($0, now: now, text: text) }
        hasComing = !coming.isEmpty
        hasPast = !past.isEmpty
    }
}
