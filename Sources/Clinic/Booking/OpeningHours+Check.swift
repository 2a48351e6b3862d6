import Foundation

extension OpeningHours {
    /// Spans of one day at most.
    public static let maximumSpans = 6
    /// Exceptions at most: a year of days.
    public static let maximumExceptions = 366

    /// Checks hours before they are stored.
    ///
    /// - Throws: `ClinicError.invalid` with field `slotMinutes`, `leadMinutes`, `horizonDays`, `weekly.N` (N is the
    ///   weekday, 1 to 7) or `exceptions.N` (N is the index in `exceptions`, from 0).
    public func check() throws {
        try Self.check(slotMinutes, in: 5...240, "slotMinutes", "A visit lasts 5 to 240 minutes.")
        try Self.check(leadMinutes, in: 0...43_200, "leadMinutes", "The lead time is 0 to 43200 minutes (30 days).")
        try Self.check(horizonDays, in: 1...365, "horizonDays", "Visits can be booked 1 to 365 days ahead.")
        for weekday in Set(weekly.map(\.weekday)).sorted() {
            guard (1...7).contains(weekday) else {
                throw ClinicError(.invalid, "Weekdays are 1 (Monday) to 7 (Sunday).", field: "weekly")
            }
            try check(spans(onWeekday: weekday), field: "weekly.\(weekday)")
        }
        try checkExceptions()
    }

    private func checkExceptions() throws {
        guard exceptions.count <= Self.maximumExceptions else {
            throw ClinicError(.invalid, "At most \(Self.maximumExceptions) dates can differ.", field: "exceptions")
        }
        var seen: Set<String> = []
        for (index, exception) in exceptions.enumerated() {
            let field = "exceptions.\(index)"
            guard LocalDate(exception.date) != nil else {
                throw ClinicError(.invalid, "Write the date as year-month-day, such as 2026-12-24.", field: field)
            }
            guard seen.insert(exception.date).inserted else {
                throw ClinicError(.invalid, "\(exception.date) is there twice; keep one.", field: field)
            }
            guard exception.note.unicodeScalars.count <= 100,
                exception.note.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw ClinicError(.invalid, "The note has at most 100 characters, in one line.", field: field) }
            try check(exception.spans.sorted { $0.start < $1.start }, field: field)
        }
    }

    /// - Parameter spans: In the order of their beginning.
    private func check(_ spans: [Span], field: String) throws {
        guard spans.count <= Self.maximumSpans else {
            throw ClinicError(.invalid, "A day has at most \(Self.maximumSpans) spans.", field: field)
        }
        for span in spans {
            guard span.start >= 0, span.end <= 1440, span.start < span.end else {
                throw ClinicError(.invalid, "A span ends after it begins, on the same day.", field: field)
            }
            guard span.end - span.start >= slotMinutes else {
                throw ClinicError(.invalid, "A span is at least one visit (\(slotMinutes) minutes) long.", field: field)
            }
        }
        for (earlier, later) in zip(spans, spans.dropFirst()) where later.start < earlier.end {
            throw ClinicError(.invalid, "Two spans of this day overlap.", field: field)
        }
    }

    private static func check(_ value: Int, in range: ClosedRange<Int>, _ field: String, _ message: String) throws {
        guard range.contains(value) else { throw ClinicError(.invalid, message, field: field) }
    }
}
