import Clinic
import Foundation
import Wording

/// The part of a doctor's page that leads to an appointment: the next free slots, or how to reach the clinic.
struct BookingPanel: Sendable {
    /// A time with the page that it leads to.
    struct Slot: Sendable {
        let time: ClinicTime
        let address: String
    }

    /// Slots shown on the doctor's page.
    static let count = 4

    let isBookable: Bool
    let slots: [Slot]
    let zone: String
    let bookAddress: String
    let phone: String?
    let phoneAddress: String

    init(_ doctor: Doctor, next: [DateInterval], text: TextCatalogue) {
        isBookable = doctor.isBookable
        let address = "/doctors/\(doctor.id)/book"
        bookAddress = address
        let zone = doctor.clinic.zone
        slots = next.map { slot in
            let time = ClinicTime(slot, zone: zone, text: text)
            return Slot(time: time, address: "\(address)?slot=\(time.machine)")
        }
        self.zone = doctor.clinic.timeZone
        phone = doctor.phone.isEmpty ? nil : doctor.phone
        phoneAddress = "tel:\(doctor.phone.filter { $0.isASCII && ($0.isNumber || $0 == "+") })"
    }
}

extension SiteServices {
    /// What a doctor's page shows of free slots.
    ///
    /// - Parameters:
    ///   - doctor: The entry that the page is about.
    ///   - text: The words of the pages.
    func bookingPanel(of doctor: Doctor, text: TextCatalogue) async throws -> BookingPanel {
        BookingPanel(doctor, next: try await booking.next(BookingPanel.count, of: doctor), text: text)
    }
}
