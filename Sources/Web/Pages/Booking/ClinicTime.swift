import Clinic
import Foundation
import Wording

/// A time by the clocks of a clinic, in words; a script puts the reader's own beside it where that differs.
struct ClinicTime: Sendable {
    /// ISO 8601 in UTC, for forms and scripts.
    let machine: String
    /// Minutes that the clinic's clocks are ahead of UTC.
    let offset: Int
    /// Such as “Tuesday 24 November 2026”.
    let day: String
    /// Such as “10:30”.
    let begin: String
    let end: String
    /// Such as “UTC+5:30”.
    let zone: String
    /// `YYYY-MM-DD` at the clinic.
    let date: String

    /// - Parameters:
    ///   - time: From beginning to end.
    ///   - zone: The clinic's; UTC where this system does not know it.
    ///   - text: The words of the pages.
    init(_ time: DateInterval, zone: TimeZone?, text: TextCatalogue) {
        let zone = zone ?? .gmt
        let local = LocalDate(time.start, in: zone)
        machine = Self.machine(time.start)
        offset = zone.secondsFromGMT(for: time.start) / 60
        day = Self.words(local, text)
        date = local.text
        begin = Self.clock(time.start, zone)
        end = Self.clock(time.end, zone)
        self.zone = Self.name(ofOffset: offset)
    }

    /// Such as `2026-11-24T05:00:00Z`.
    static func machine(_ moment: Date) -> String { moment.formatted(.iso8601) }

    /// Reads what `machine` wrote.
    static func moment(_ text: String) -> Date? {
        guard text.utf8.count == 20 else { return nil }
        do { return try Date(text, strategy: .iso8601) } catch { return nil }
    }

    static func words(_ date: LocalDate, _ text: TextCatalogue) -> String {
        let (year, month, day) = date.parts
        let (weekdays, months) = (text.list("appointments.weekdays"), text.list("appointments.months"))
        return text(
            "appointments.dayFormat",
            [
                "weekday": weekdays.count == 7 ? weekdays[date.weekday - 1] : "",
                "month": months.count == 12 ? months[month - 1] : "", "day": String(day), "year": String(year),
            ])
    }

    private static func clock(_ moment: Date, _ zone: TimeZone) -> String {
        let shown = Int(moment.timeIntervalSince1970) + zone.secondsFromGMT(for: moment)
        return clock(minutes: ((shown % 86_400) + 86_400) % 86_400 / 60)
    }

    /// Minutes after midnight as `09:05`.
    static func clock(minutes: Int) -> String {
        let padded = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(padded(minutes / 60)):\(padded(minutes % 60))"
    }

    private static func name(ofOffset minutes: Int) -> String {
        guard minutes != 0 else { return "UTC" }
        let (hours, rest) = (abs(minutes) / 60, abs(minutes) % 60)
        return "UTC\(minutes < 0 ? "−" : "+")\(hours)\(rest == 0 ? "" : ":\(rest < 10 ? "0" : "")\(rest)")"
    }
}
