import Foundation

/// What the dashboards show, read in one state of the database.
public struct Monitoring: Sendable {
    /// How far back the dashboards look.
    public enum Span: String, Sendable, CaseIterable {
        case week = "7", month = "30", quarter = "90", all

        /// Whole days, today included; nil for everything.
        public var days: Int? { Int(rawValue) }
    }

    /// The newest screenings whose figures are looked at one by one; all are counted.
    public static let maximumFacts = 10_000

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.database = database
        self.clock = clock
    }

    /// Everything at once.
    ///
    /// - Throws: `ClinicError.databaseUnavailable`.
    public func figures(over span: Span) async throws -> MonitoringFigures {
        let now = clock()
        let from = span.days.map { Self.day(now).addingTimeInterval(-86_400 * Double($0 - 1)) } ?? .distantPast
        return try await database.read { transaction in
            let start = max(from, Date(timeIntervalSince1970: 0))
            let until = now.addingTimeInterval(1)
            return MonitoringFigures(
                span: span, from: span == .all ? nil : start, now: now,
                daily: try transaction.dailyCounts(from: start, until: until),
                facts: try transaction.screeningFacts(from: start, until: until, limit: Self.maximumFacts),
                queue: .init(
                    waiting: try transaction.countPendingScreenings(),
                    oldestSince: try transaction.oldestQueuedAt()),
                stored: try Self.stored(in: transaction), people: try Self.people(in: transaction))
        }
    }

    /// The beginning of the day, UTC.
    static func day(_ date: Date) -> Date {
        Date(timeIntervalSince1970: (date.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
    }

    private static func stored(in transaction: any MonitoringRows) throws -> MonitoringFigures.Stored {
        let amount = try transaction.storedAmount()
        return .init(images: amount.images, bytes: amount.bytes)
    }

    private static func people(in transaction: any DoctorRows & ReviewRows & UserRows) throws
        -> MonitoringFigures.People
    {
        var people = MonitoringFigures.People()
        for role in Role.allCases { people.users[role] = try transaction.countUsers(role: role) }
        for status in Doctor.Status.allCases {
            people.doctors[status] = try transaction.countDoctors(matching: DoctorFilter(status: status))
        }
        people.reviewsToModerate = try transaction.countReviewsToModerate()
        return people
    }
}
