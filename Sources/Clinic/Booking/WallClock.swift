import Foundation

/// Finds the moments at which the clock on the wall of a zone shows a time of day, through its changes.
///
/// A clock is set forward (a gap: the times between are shown at no moment) or back (an overlap: the times between are
/// shown twice), in spring and autumn by an hour, on Lord Howe Island by half an hour, and at the date line by a day.
struct WallClock: Sendable {
    let zone: TimeZone

    /// One day of the clock: what it is ahead of UTC around that day, one value where it is not set that day.
    struct Day {
        let date: LocalDate
        /// Seconds ahead of UTC before and after, the earlier first.
        let offsets: [Int]
    }

    func day(_ date: LocalDate) -> Day {
        // A zone is at most 14 hours from UTC, so that the day lies within these three days of UTC.
        let start = Date(timeIntervalSince1970: Double(date.daysSince1970) * 86_400)
        let before = zone.secondsFromGMT(for: start.addingTimeInterval(-86_400))
        let after = zone.secondsFromGMT(for: start.addingTimeInterval(2 * 86_400))
        return Day(date: date, offsets: before == after ? [before] : [max(before, after), min(before, after)])
    }

    /// The span of `minutes` that begins when the clock shows `minute` after midnight.
    ///
    /// The clock is not set within the span, so that it lasts as long as it says and ends when the clock shows its end:
    /// - A time within a gap does not exist, and has no span; nothing is moved to another time.
    /// - A span that would reach into a gap, or across one, has none either.
    /// - A time that is shown twice means the first of both, unless the span would reach across the setting back; then
    ///   it means the second. So no time of the clock is given twice, and no two spans meet.
    func span(on day: Day, from minute: Int, minutes: Int) -> DateInterval? {
        let shown = Double(day.date.daysSince1970) * 86_400 + Double(minute) * 60
        let length = Double(minutes) * 60
        // The larger the offset, the earlier the moment.
        for offset in day.offsets {
            let start = Date(timeIntervalSince1970: shown - Double(offset))
            if day.offsets.count == 1 { return DateInterval(start: start, duration: length) }
            let last = start.addingTimeInterval(length - 1)
            if zone.secondsFromGMT(for: start) == offset && zone.secondsFromGMT(for: last) == offset {
                return DateInterval(start: start, duration: length)
            }
        }
        return nil
    }
}
