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
        try Self.check(slotMinutes, in: 5...240, "slotMinutes", "errors.hours.visit")
        try Self.check(leadMinutes, in: 0...43_200, "leadMinutes", "errors.hours.lead")
        try Self.check(horizonDays, in: 1...365, "horizonDays", "errors.hours.horizon")
        for weekday in Set(weekly.map(\.weekday)).sorted() {
            guard (1...7).contains(weekday) else {
                throw ClinicError(.invalid, "errors.hours.weekday", field: "weekly")
            }
            try check(spans(onWeekday: weekday), field: "weekly.\(weekday)")
        }
        try checkExceptions()
    }

    private func checkExceptions() throws {
        guard exceptions.count <= Self.maximumExceptions else {
            throw ClinicError(
                .invalid, "errors.hours.exceptions", ["maximum": Self.maximumExceptions], field: "exceptions")
        }
        var seen: Set<String> = []
        for (index, exception) in exceptions.enumerated() {
            let field = "exceptions.\(index)"
            guard LocalDate(exception.date) != nil else {
                throw ClinicError(.invalid, "errors.hours.date", field: field)
            }
            guard seen.insert(exception.date).inserted else {
                throw ClinicError(.invalid, "errors.hours.dateTwice", ["date": exception.date], field: field)
            }
            guard exception.note.unicodeScalars.count <= 100,
                exception.note.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw ClinicError(.invalid, "errors.hours.note", field: field) }
            try check(exception.spans.sorted { $0.start < $1.start }, field: field)
        }
    }

    /// - Parameter spans: In the order of their beginning.
    private func check(_ spans: [Span], field: String) throws {
        guard spans.count <= Self.maximumSpans else {
            throw ClinicError(.invalid, "errors.hours.spans", ["maximum": Self.maximumSpans], field: field)
        }
        for span in spans {
            guard span.start >= 0, span.end <= 1440, span.start < span.end else {
                throw ClinicError(.invalid, "errors.hours.order", field: field)
            }
            guard span.end - span.start >= slotMinutes else {
                throw ClinicError(.invalid, "errors.hours.tooShort", ["minutes": slotMinutes], field: field)
            }
        }
        for (earlier, later) in zip(spans, spans.dropFirst()) where later.start < earlier.end {
            throw ClinicError(.invalid, "errors.hours.overlap", field: field)
        }
    }

    private static func check(_ value: Int, in range: ClosedRange<Int>, _ field: String, _ key: StaticString) throws {
        guard range.contains(value) else { throw ClinicError(.invalid, key, field: field) }
    }
}
