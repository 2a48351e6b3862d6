import Foundation

/// When a doctor can be booked, in the clinic's local time.
public struct OpeningHours: Sendable, Equatable, Codable {
    /// A span of a day of the week.
    public struct Weekly: Sendable, Equatable, Codable {
        /// ISO 8601: 1 is Monday, 7 Sunday.
        public var weekday: Int
        /// Minutes after midnight by the clock on the wall, 0 to 1440.
        public var start: Int
        /// More than `start`, at most 1440.
        public var end: Int

        public init(weekday: Int, start: Int, end: Int) {
            (self.weekday, self.start, self.end) = (weekday, start, end)
        }
    }

    /// A date that is not as its weekday says.
    public struct Exception: Sendable, Equatable, Codable {
        /// `YYYY-MM-DD`.
        public var date: String
        /// The spans of that date in minutes after midnight; empty: closed.
        public var spans: [Span]
        /// Shown to patients, such as a holiday's name; may be empty.
        public var note: String

        public init(date: String, spans: [Span] = [], note: String = "") {
            (self.date, self.spans, self.note) = (date, spans, note)
        }
    }

    public struct Span: Sendable, Equatable, Codable {
        public var start: Int
        public var end: Int

        public init(start: Int, end: Int) {
            self.start = start
            self.end = end
        }
    }

    public var weekly: [Weekly]
    public var exceptions: [Exception]
    /// Minutes of one visit, 5 to 240.
    public var slotMinutes: Int
    /// Minutes between now and the first slot that can be booked.
    public var leadMinutes: Int
    /// Days ahead that can be booked.
    public var horizonDays: Int

    public init(
        weekly: [Weekly] = [], exceptions: [Exception] = [], slotMinutes: Int = 30, leadMinutes: Int = 120,
        horizonDays: Int = 60
    ) {
        (self.weekly, self.exceptions, self.slotMinutes) = (weekly, exceptions, slotMinutes)
        (self.leadMinutes, self.horizonDays) = (leadMinutes, horizonDays)
    }

    private static let weekdays = ["mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7]

    /// Reads hours as lists write them: `Mon-Fri 09:00-17:00; Sat 09:00-12:00`, `Mon,Wed 09:00-12:00,14:00-18:00`.
    ///
    /// - Parameter text: Days in English, three letters or whole; times of 24 hours; empty: no hours.
    /// - Throws: `ClinicError.invalid` with field `openingHours`; whether spans overlap, `check` tells.
    public static func weekly(written text: String) throws -> [Weekly] {
        var weekly: [Weekly] = []
        for part in text.split(separator: ";") {
            let part = part.trimmingCharacters(in: .whitespaces)
            if part.isEmpty { continue }
            guard let firstTime = part.firstIndex(where: \.isNumber) else { throw wrong(part) }
            let days = try days(part[..<firstTime], of: part)
            for span in part[firstTime...].split(separator: ",") {
                let ends = span.split { "-–".contains($0) }
                guard ends.count == 2, let start = minutes(ends[0]), let end = minutes(ends[1]), start < end else {
                    throw wrong(part)
                }
                weekly += days.map { Weekly(weekday: $0, start: start, end: end) }
            }
        }
        return weekly.sorted { ($0.weekday, $0.start) < ($1.weekday, $1.start) }
    }

    private static func days(_ text: Substring, of part: String) throws -> [Int] {
        var days: [Int] = []
        for range in text.split(separator: ",") {
            let ends = range.split { "-–".contains($0) }.map { $0.trimmingCharacters(in: .whitespaces) }
            let numbers = ends.compactMap { name in
                name.count >= 3 && name.allSatisfy(\.isLetter) ? weekdays[String(name.prefix(3)).lowercased()] : nil
            }
            guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last, numbers.count <= 2
            else { throw wrong(part) }
            // Fri-Mon goes over the week's end.
            days += first <= last ? Array(first...last) : Array(first...7) + Array(1...last)
        }
        guard !days.isEmpty else { throw wrong(part) }
        return days
    }

    private static func minutes(_ text: Substring) -> Int? {
        guard let match = text.trimmingCharacters(in: .whitespaces).wholeMatch(of: /(\d{1,2})[:.](\d{2})/),
            let hour = Int(match.1), let minute = Int(match.2), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }

    private static func wrong(_ part: String) -> ClinicError {
        ClinicError(.invalid, "errors.hours.written", ["typed": "\(part.prefix(60))"], field: "openingHours")
    }

    /// The slots of the opening hours that begin in a time, in their order, whoever has them.
    ///
    /// Each span of a day is cut into slots from its beginning on, by the clock on the wall; what is left at its end and
    /// is shorter than a slot is none. An exception replaces all spans of its date. What becomes of slots where the clock
    /// is set forward or back is told at `WallClock.span`. Lead time and horizon are `FreeSlots`'s.
    ///
    /// - Parameters:
    ///   - from: The earliest beginning.
    ///   - until: Slots begin before it.
    ///   - timeZone: The clinic's.
    public func slots(from: Date, until: Date, timeZone: TimeZone) -> [DateInterval] {
        guard from < until, slotMinutes > 0 else { return [] }
        let clock = WallClock(zone: timeZone)
        let exceptions = Dictionary(
            self.exceptions.map { ($0.date, $0.spans) }, uniquingKeysWith: { first, _ in first })
        var slots: [DateInterval] = []
        var date = LocalDate(from, in: timeZone)
        let last = LocalDate(until, in: timeZone)
        while date <= last {
            let spans = exceptions[date.text] ?? spans(onWeekday: date.weekday)
            if !spans.isEmpty {
                slots += self.slots(in: spans, on: clock.day(date), clock).filter {
                    $0.start >= from && $0.start < until
                }
            }
            date = date.adding(days: 1)
        }
        return slots
    }

    /// The spans of a weekday (1 is Monday) in their order.
    public func spans(onWeekday weekday: Int) -> [Span] {
        weekly.filter { $0.weekday == weekday }.map { Span(start: $0.start, end: $0.end) }.sorted {
            $0.start < $1.start
        }
    }

    private func slots(in spans: [Span], on day: WallClock.Day, _ clock: WallClock) -> [DateInterval] {
        spans.sorted { $0.start < $1.start }.flatMap { span in
            stride(from: span.start, through: span.end - slotMinutes, by: slotMinutes).compactMap {
                clock.span(on: day, from: $0, minutes: slotMinutes)
            }
        }
    }

    /// Whether a time lies within opening hours, however they are cut; for appointments made before a change of hours.
    public func isOpen(during time: DateInterval, timeZone: TimeZone) -> Bool {
        let date = LocalDate(time.start, in: timeZone)
        let spans = exceptions.first { $0.date == date.text }?.spans ?? spans(onWeekday: date.weekday)
        let shown = time.start.timeIntervalSince1970 + Double(timeZone.secondsFromGMT(for: time.start))
        let start = (shown - Double(date.daysSince1970) * 86_400) / 60
        return spans.contains { Double($0.start) <= start && start + time.duration / 60 <= Double($0.end) }
    }
}
