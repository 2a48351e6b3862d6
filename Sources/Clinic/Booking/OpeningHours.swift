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
            self.weekday = weekday
            self.start = start
            self.end = end
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
            self.date = date
            self.spans = spans
            self.note = note
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
        self.weekly = weekly
        self.exceptions = exceptions
        self.slotMinutes = slotMinutes
        self.leadMinutes = leadMinutes
        self.horizonDays = horizonDays
    }
}
