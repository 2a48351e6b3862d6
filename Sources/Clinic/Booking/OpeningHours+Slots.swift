import Foundation

extension OpeningHours {
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
