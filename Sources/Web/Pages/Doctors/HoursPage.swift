import Clinic
import Foundation
import Wording

/// The page of a doctor's opening hours.
struct HoursPage: Sendable {
    struct NumberField: Sendable {
        let name: String
        let label: String
        let hint: String
        let value: String
        let minimum: Int
        let maximum: Int
        let wrong: String?
    }

    let frame: PageFrame
    let zone: String
    let notice: String?
    let alert: String?
    let weekdays: [HoursForm.WeekdayFields]
    let numbers: [NumberField]
    let exceptions: [HoursForm.ExceptionFields]
    let outside: [BookingPanel.Slot]
    let isBookable: Bool

    /// - Parameters:
    ///   - own: The stored hours.
    ///   - typed: The form as it was sent; nil for the stored hours.
    ///   - error: What is wrong with it.
    ///   - notice: The key of what has just happened.
    init(
        _ own: Booking.OwnHours, site: Site, context: WebContext, typed: FormFields? = nil, error: ClinicError? = nil,
        notice: String? = nil
    ) {
        let text = site.text
        frame = PageFrame(site: site, title: text("appointments.hours.title"), place: .account, context: context)
        zone = text("appointments.hours.zone", ["zone": own.doctor.clinic.timeZone.replacing("_", with: " ")])
        self.notice = notice.map { text($0) }
        let rows = HoursRows(own.doctor.openingHours, typed: typed, error: error, text: text)
        weekdays = rows.weekdays
        exceptions = rows.exceptions
        let (hours, value) = (own.doctor.openingHours, { (name: String) in typed?.trimmed(name) })
        let number = { (name: String, stored: Int, range: ClosedRange<Int>) in
            NumberField(
                name: name, label: text("appointments.hours.\(name)"), hint: text("appointments.hours.\(name)Hint"),
                value: value(name) ?? String(stored), minimum: range.lowerBound, maximum: range.upperBound,
                wrong: text(error, at: name))
        }
        let numbers = [
            number("slotMinutes", hours.slotMinutes, 5...240), number("leadMinutes", hours.leadMinutes, 0...43_200),
            number("horizonDays", hours.horizonDays, 1...365),
        ]
        self.numbers = numbers
        alert = error.map {
            rows.isShown($0) || numbers.contains { $0.wrong != nil } ? text("appointments.hours.wrong") : text($0)
        }
        outside = own.outside.map {
            BookingPanel.Slot(
                time: ClinicTime($0.time, zone: own.doctor.clinic.zone, text: text), address: "/appointments/\($0.id)")
        }
        isBookable = own.doctor.isBookable
    }
}

/// The rows of the form of opening hours, from what is stored or from what was typed.
struct HoursRows: Sendable {
    let weekdays: [HoursForm.WeekdayFields]
    let exceptions: [HoursForm.ExceptionFields]
    private let error: ClinicError?

    init(_ hours: OpeningHours, typed: FormFields?, error: ClinicError?, text: TextCatalogue) {
        self.error = error
        let names = text.list("appointments.weekdays")
        weekdays = (1...7).map { weekday in
            let name = names.count == 7 ? names[weekday - 1] : String(weekday)
            return HoursForm.WeekdayFields(
                number: weekday, name: name,
                spans: Self.spans(
                    "d\(weekday)", max(HoursForm.spansADay, hours.spans(onWeekday: weekday).count),
                    hours.spans(onWeekday: weekday), typed, name, text),
                wrong: text(error, at: "weekly.\(weekday)"),
                copyLabel: text("appointments.hours.copyDay", ["day": name]))
        }
        // Exceptions of past days are of no use any more, but stay until somebody clears them.
        let stored = hours.exceptions.sorted { $0.date < $1.date }
        let rows = typed.map(HoursForm.rows) ?? Array(0..<stored.count + HoursForm.spareExceptions)
        exceptions = rows.map { row in
            let exception = typed == nil && row < stored.count ? stored[row] : nil
            let legend = text("appointments.hours.exception", ["number": String(row + 1)])
            return HoursForm.ExceptionFields(
                number: row, dateName: "x\(row)date", noteName: "x\(row)note",
                date: typed?.trimmed("x\(row)date") ?? exception?.date ?? "",
                note: typed?.trimmed("x\(row)note") ?? exception?.note ?? "",
                spans: Self.spans(
                    "x\(row)", HoursForm.spansAnException, exception?.spans ?? [], typed, legend, text),
                wrong: text(error, at: "exceptions.\(row)"), legend: legend)
        }
    }

    /// Whether a field of the rows tells the error.
    func isShown(_ error: ClinicError) -> Bool {
        weekdays.contains { $0.wrong != nil } || exceptions.contains { $0.wrong != nil }
    }

    private static func spans(
        _ prefix: String, _ count: Int, _ stored: [OpeningHours.Span], _ typed: FormFields?, _ day: String,
        _ text: TextCatalogue
    ) -> [HoursForm.SpanFields] {
        (1...count).map { index in
            let span = index <= stored.count ? stored[index - 1] : nil
            let (startName, endName) = ("\(prefix)s\(index)", "\(prefix)e\(index)")
            let words = ["day": day, "number": String(index)]
            return HoursForm.SpanFields(
                startName: startName, endName: endName,
                start: typed?.trimmed(startName) ?? span.map { ClinicTime.clock(minutes: $0.start) } ?? "",
                end: typed?.trimmed(endName) ?? span.map { ClinicTime.clock(minutes: $0.end % 1440) } ?? "",
                startLabel: text("appointments.hours.from", words), endLabel: text("appointments.hours.to", words))
        }
    }
}
