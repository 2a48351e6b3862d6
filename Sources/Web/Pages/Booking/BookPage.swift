import Clinic
import Foundation
import Wording

/// The free slots of a doctor by day, each a button that leads to `AskPage`.
struct BookPage: Sendable {
    struct Slot: Sendable {
        let time: ClinicTime
        let label: String
    }

    struct Day: Sendable {
        let id: String
        let name: String
        let slots: [Slot]
    }

    /// Days with free slots on one page.
    static let dayCount = 7

    let frame: PageFrame
    let name: String
    let line: String
    let clinic: String
    let isDemonstration: Bool
    let origin: String
    let action: String
    let lead: String
    let isBookable: Bool
    let days: [Day]
    let zone: String
    let alert: String?
    /// What was typed before a time that could not be had, for the next one.
    let kept: [NamedValue]
    let minutes: String
    let earliest: String?
    let later: String?
    let phone: String?
    let phoneAddress: String

    /// - Parameters:
    ///   - doctor: The entry.
    ///   - free: What can be booked; nil for a doctor who cannot be booked here.
    ///   - purpose: For what a time is chosen.
    ///   - from: The first day wanted, at the clinic; nil for the first with free slots.
    ///   - error: Why the last request was not taken.
    init(
        _ doctor: Doctor, free: FreeSlots?, purpose: SlotPurpose, from: LocalDate?, site: Site, context: WebContext,
        error: ClinicError? = nil
    ) {
        let text = site.text
        let zone = doctor.clinic.zone ?? .gmt
        frame = PageFrame(
            site: site, title: text(purpose.entry("title"), ["name": doctor.name]), place: .doctors,
            context: context)
        name = doctor.name
        line = doctor.qualifications
        clinic = VisitWords.place(of: doctor)
        isDemonstration = doctor.isDemonstration
        origin = purpose.origin(doctor)
        let action = purpose.action(doctor)
        self.action = action
        lead = text(purpose.entry("lead"))
        isBookable = free != nil
        let (shown, next) = Self.days(free, from: from, zone: zone, text: text)
        days = shown
        self.zone = text(
            "appointments.book.zone",
            [
                "zone": doctor.clinic.timeZone.replacing("_", with: " "),
                "offset": shown.first?.slots.first?.time.zone ?? "",
            ])
        alert = error.map { text($0) }
        kept = ["note", "phone", "phoneForDoctor", "phoneForMessages"].compactMap { name in
            let value = context.form.trimmed(name)
            return value.isEmpty ? nil : NamedValue(name: name, value: value)
        }
        minutes = text("appointments.book.minutes", ["count": String(doctor.openingHours.slotMinutes)])
        earliest = from == nil ? nil : action
        later = next.map { "\(action)?from=\($0.text)" }
        phone = doctor.phone.isEmpty ? nil : doctor.phone
        phoneAddress = "tel:\(doctor.phone.filter { $0.isASCII && ($0.isNumber || $0 == "+") })"
    }

    /// The first days with free slots, and the day of the next one after them.
    private static func days(
        _ free: FreeSlots?, from: LocalDate?, zone: TimeZone, text: TextCatalogue
    ) -> ([Day], next: LocalDate?) {
        guard let free else { return ([], nil) }
        // A day before midnight at UTC is early enough in every zone; what is too early is left out below.
        let begin = from.map { Date(timeIntervalSince1970: Double($0.daysSince1970 - 1) * 86_400) }
        var days: [(date: LocalDate, slots: [DateInterval])] = []
        var start = max(begin ?? free.bookable.lowerBound, free.bookable.lowerBound)
        while start < free.bookable.upperBound, days.count <= dayCount {
            let end = start.addingTimeInterval(7 * 86_400)
            for slot in free.slots(from: start, until: end) {
                let date = LocalDate(slot.start, in: zone)
                if let from, date < from { continue }
                if days.last?.date == date {
                    days[days.count - 1].slots.append(slot)
                } else {
                    days.append((date, [slot]))
                }
            }
            start = end
        }
        let shown = days.prefix(dayCount).map { day in
            let name = ClinicTime.words(day.date, text)
            return Day(id: day.date.text, name: name, slots: day.slots.map { Self.slot($0, name, zone, text) })
        }
        return (shown, days.count > dayCount ? days[dayCount].date : nil)
    }

    private static func slot(_ slot: DateInterval, _ day: String, _ zone: TimeZone, _ text: TextCatalogue) -> Slot {
        let time = ClinicTime(slot, zone: zone, text: text)
        return Slot(time: time, label: text("appointments.book.slot", ["time": time.begin, "day": day]))
    }
}
