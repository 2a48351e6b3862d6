import Findings
import Foundation

/// The numbers behind the dashboards.
public struct MonitoringFigures: Sendable {
    public struct Queue: Sendable, Equatable {
        /// Screenings that are queued or running.
        public let waiting: Int
        /// When the oldest of those that are queued came; nil when none is.
        public let oldestSince: Date?

        public init(waiting: Int, oldestSince: Date?) {
            self.waiting = waiting
            self.oldestSince = oldestSince
        }
    }

    public struct Stored: Sendable, Equatable {
        public let images: Int
        public let bytes: Int

        public init(images: Int, bytes: Int) {
            self.images = images
            self.bytes = bytes
        }
    }

    public struct People: Sendable, Equatable {
        public var users: [Role: Int] = [:]
        public var doctors: [Doctor.Status: Int] = [:]
        public var reviewsToModerate = 0

        public init() {}
    }

    /// Screenings of a day, or of a month where the span is long, by decision.
    public struct Period: Sendable, Equatable {
        /// Its beginning, UTC.
        public let start: Date
        public var decisions: [Decision: Int] = [:]

        public var total: Int { decisions.values.reduce(0, +) }
    }

    public let span: Monitoring.Span
    /// The beginning of the span; nil for everything.
    public let from: Date?
    public let now: Date
    public let daily: [DailyCount]
    /// The newest finished screenings of the span, at most `Monitoring.maximumFacts`.
    public let facts: [ScreeningFact]
    public let queue: Queue
    public let stored: Stored
    public let people: People

    public init(
        span: Monitoring.Span, from: Date?, now: Date, daily: [DailyCount], facts: [ScreeningFact], queue: Queue,
        stored: Stored, people: People
    ) {
        (self.span, self.from, self.now, self.daily) = (span, from, now, daily)
        (self.facts, self.queue, self.stored, self.people) = (facts, queue, stored, people)
    }

    /// Longest span, in days, that is shown day by day.
    public static let maximumDays = 92

    /// All finished screenings of the span.
    public var total: Int { daily.reduce(0) { $0 + $1.count } }

    /// By decision.
    public var decisions: [Decision: Int] { sums { $0.decision } }

    /// By class, whatever was decided.
    public var classes: [SmearClass: Int] { sums { $0.label } }

    /// Wait and work of the screenings looked at; nil without any.
    public var wait: Percentiles? { Percentiles(facts.map(\.waitMilliseconds)) }
    public var work: Percentiles? { Percentiles(facts.map(\.workMilliseconds)) }

    private func sums<Key>(_ key: (DailyCount) -> Key) -> [Key: Int] {
        daily.reduce(into: [:]) { $0[key($1), default: 0] += $1.count }
    }

    /// The span cut into days, none left out; into months where it is longer than `maximumDays`.
    public var periods: [Period] {
        guard let first = from ?? daily.map(\.day).min() else { return [] }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let today = Monitoring.day(now)
        let isByDay = today.timeIntervalSince(first) < 86_400 * Double(Self.maximumDays)
        let unit = isByDay ? Calendar.Component.day : .month
        let start = { (date: Date) in calendar.dateInterval(of: unit, for: date)?.start ?? date }
        var found: [Date: Period] = [:]
        for count in daily {
            let key = start(count.day)
            found[key, default: Period(start: key)].decisions[count.decision, default: 0] += count.count
        }
        var periods: [Period] = []
        var next = start(first)
        while next <= today {
            periods.append(found[next] ?? Period(start: next))
            guard let following = calendar.date(byAdding: unit, value: 1, to: next) else { break }
            next = following
        }
        return periods
    }

    /// Whether `periods` are months.
    public var isByMonth: Bool {
        guard let first = from ?? daily.map(\.day).min() else { return false }
        return Monitoring.day(now).timeIntervalSince(first) >= 86_400 * Double(Self.maximumDays)
    }

    /// The screenings of one model among those looked at.
    public func facts(ofModel name: String, version: String) -> [ScreeningFact] {
        facts.filter { $0.modelName == name && $0.modelVersion == version }
    }
}
