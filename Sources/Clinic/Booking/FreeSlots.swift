import Foundation

/// What can be booked of a doctor: the slots of the opening hours without those taken, neither too soon nor too far ahead.
public struct FreeSlots: Sendable {
    private let hours: OpeningHours
    private let zone: TimeZone
    private let taken: [DateInterval]
    /// Slots that can be booked begin in this time.
    public let bookable: Range<Date>

    /// - Parameters:
    ///   - hours: The doctor's.
    ///   - zone: The clinic's.
    ///   - taken: The times of appointments that hold their slot.
    ///   - now: The time; lead and horizon count from it.
    public init(hours: OpeningHours, zone: TimeZone, taken: [DateInterval], now: Date) {
        self.hours = hours
        self.zone = zone
        self.taken = taken.sorted { $0.start < $1.start }
        bookable = Self.bookable(hours, now: now)
    }

    /// The time in which slots that can be booked begin.
    public static func bookable(_ hours: OpeningHours, now: Date) -> Range<Date> {
        let first = now.addingTimeInterval(Double(max(0, hours.leadMinutes)) * 60)
        return first..<max(first, now.addingTimeInterval(Double(max(0, hours.horizonDays)) * 86_400))
    }

    /// Free slots that begin in a time, in their order.
    public func slots(from: Date, until: Date) -> [DateInterval] {
        let (from, until) = (max(from, bookable.lowerBound), min(until, bookable.upperBound))
        guard from < until else { return [] }
        var next = 0
        return hours.slots(from: from, until: until, timeZone: zone).filter { slot in
            // Both are in order: what ends before this slot begins cannot meet a later one. Appointments of other hours
            // may be longer than those after them, so that those that still run are looked at, too.
            while next < taken.count, taken[next].end <= slot.start { next += 1 }
            return !taken[next...].prefix { $0.start < slot.end }.contains { $0.end > slot.start }
        }
    }

    /// The first free slot; nil where there is none up to the horizon.
    public var first: DateInterval? {
        var start = bookable.lowerBound
        while start < bookable.upperBound {
            let end = start.addingTimeInterval(7 * 86_400)
            if let slot = slots(from: start, until: end).first { return slot }
            start = end
        }
        return nil
    }

    /// The first free slots after a moment.
    public func next(_ count: Int, after moment: Date) -> [DateInterval] {
        var found: [DateInterval] = []
        var start = max(moment, bookable.lowerBound)
        while start < bookable.upperBound, found.count < count {
            let end = start.addingTimeInterval(7 * 86_400)
            found += slots(from: start, until: end)
            start = end
        }
        return Array(found.prefix(count))
    }
}
