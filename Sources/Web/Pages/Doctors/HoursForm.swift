import Clinic
import Foundation
import Wording

/// The form of opening hours: reads what was typed, and shows it again as it was typed.
struct HoursForm: Sendable {
    struct SpanFields: Sendable {
        let startName: String
        let endName: String
        let start: String
        let end: String
        let startLabel: String
        let endLabel: String
    }

    struct WeekdayFields: Sendable {
        let number: Int
        let name: String
        let spans: [SpanFields]
        let wrong: String?
        /// What its button says to those who do not see the row.
        let copyLabel: String
    }

    struct ExceptionFields: Sendable {
        let number: Int
        let dateName: String
        let noteName: String
        let date: String
        let note: String
        let spans: [SpanFields]
        let wrong: String?
        let legend: String
    }

    /// Spans that a day of the form has room for.
    static let spansADay = 3
    static let spansAnException = 2
    /// Empty rows below the exceptions that are there.
    static let spareExceptions = 3

    /// Reads the form.
    ///
    /// - Throws: `ClinicError.invalid` with the fields of `OpeningHours.check`; exceptions by the form's row.
    static func read(_ form: FormFields, text: TextCatalogue) throws -> OpeningHours {
        var hours = OpeningHours()
        hours.weekly = try (1...7).flatMap { weekday in
            try spans(form, "d\(weekday)", spansADay, field: "weekly.\(weekday)", text).map {
                OpeningHours.Weekly(weekday: weekday, start: $0.start, end: $0.end)
            }
        }
        for row in rows(of: form) {
            let date = form.trimmed("x\(row)date")
            guard !date.isEmpty else { continue }
            hours.exceptions.append(
                .init(
                    date: date, spans: try spans(form, "x\(row)", spansAnException, field: "exceptions.\(row)", text),
                    note: form.trimmed("x\(row)note")))
        }
        hours.slotMinutes = try number(form, "slotMinutes", text)
        hours.leadMinutes = try number(form, "leadMinutes", text)
        hours.horizonDays = try number(form, "horizonDays", text)
        return hours
    }

    /// The weekdays that take the hours of one that is copied: Monday to Friday.
    static let copied = 1...5

    /// The form with the hours of one day on each of Monday to Friday, as typed; nil where no such copy is asked for.
    static func copying(_ form: FormFields) -> FormFields? {
        guard let day = Int(form.trimmed("copy")), (1...7).contains(day) else { return nil }
        var filled = form
        for weekday in copied where weekday != day {
            for span in 1...spansADay {
                for end in ["s", "e"] {
                    filled.set("d\(weekday)\(end)\(span)", to: form.trimmed("d\(day)\(end)\(span)"))
                }
            }
        }
        return filled
    }

    /// The rows of exceptions that a form has, as far as one is allowed to have them.
    static func rows(of form: FormFields) -> [Int] {
        (0..<OpeningHours.maximumExceptions + spareExceptions).filter { form["x\($0)date"] != nil }
    }

    private static func spans(
        _ form: FormFields, _ prefix: String, _ count: Int, field: String, _ text: TextCatalogue
    ) throws -> [OpeningHours.Span] {
        try (1...count).compactMap { index in
            let (start, end) = (form.trimmed("\(prefix)s\(index)"), form.trimmed("\(prefix)e\(index)"))
            if start.isEmpty && end.isEmpty { return nil }
            guard let first = minutes(start), let last = minutes(end) else {
                throw ClinicError(.invalid, "errors.hours.time", field: field)
            }
            // A day that ends at midnight is written 00:00.
            return OpeningHours.Span(start: first, end: last == 0 ? 1440 : last)
        }
    }

    /// Minutes after midnight of `9:05` or `09:05`; nil for anything else.
    static func minutes(_ time: String) -> Int? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || (parts.count == 3 && parts[2] == "00"), parts[0].count <= 2, parts[1].count == 2,
            let hour = Int(parts[0]), let minute = Int(parts[1]), (0...24).contains(hour), (0...59).contains(minute),
            hour < 24 || minute == 0
        else { return nil }
        return hour * 60 + minute
    }

    private static func number(_ form: FormFields, _ field: String, _ text: TextCatalogue) throws -> Int {
        guard let number = Int(form.trimmed(field)) else {
            throw ClinicError(.invalid, "errors.hours.number", field: field)
        }
        return number
    }
}
