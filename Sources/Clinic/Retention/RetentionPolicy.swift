import Foundation

/// How long things are kept. What has no period is kept for ever.
public struct RetentionPolicy: Sendable, Equatable {
    /// Days between the announcement that something goes and its going.
    public static let noticeDays = 30
    /// Less than this is taken for a mistake.
    public static let leastCaseDays = 90
    /// Less than this is taken for a mistake.
    public static let leastAccountDays = 365
    /// Less than this is taken for a mistake; the rules under India's DPDP Act ask for logs of a year.
    public static let leastAuditDays = 365
    static let day: TimeInterval = 86_400

    /// Days without use after which a case goes, with its images and answers.
    public let caseDays: Int?
    /// Days without use after which an account goes, with everything in it. Administrators' stay.
    public let accountDays: Int?
    /// Days after which an entry of the audit log goes.
    public let auditDays: Int?

    /// - Throws: `ClinicError.invalid` with what the least is.
    public init(caseDays: Int? = nil, accountDays: Int? = nil, auditDays: Int? = nil) throws {
        let periods = [
            ("cases", caseDays, Self.leastCaseDays), ("accounts", accountDays, Self.leastAccountDays),
            ("audit entries", auditDays, Self.leastAuditDays),
        ]
        for case let (name, days?, least) in periods where days < least {
            throw ClinicError(
                .invalid, fault: "\(days) days is too short for \(name): at least \(least), or no period to keep them.")
        }
        (self.caseDays, self.accountDays, self.auditDays) = (caseDays, accountDays, auditDays)
    }

    /// Whether people have to be told by letter before something of theirs goes.
    public var announces: Bool { caseDays != nil || accountDays != nil }

    /// The period of what is announced.
    ///
    /// - Returns: Seconds; nil for what is kept.
    public func period(of kind: Erasure.Kind) -> TimeInterval? {
        switch kind {
        case .smearCase: caseDays.map { Double($0) * Self.day }
        case .account: accountDays.map { Double($0) * Self.day }
        case .image, .document, .dependent, .slide: nil
        }
    }

    /// The moment before which an entry of the audit log is too old.
    public func auditLimit(at now: Date) -> Date? {
        auditDays.map { now.addingTimeInterval(-Double($0) * Self.day) }
    }
}

/// Whether the clock went evenly for long enough to delete by it.
///
/// A machine that starts with a wrong clock must not find everything old at once. So each look is written down, and only a
/// clock that was looked at for three days, never went back and never leapt, counts. A server that was off begins anew.
public struct RetentionWatch: Sendable, Equatable {
    /// Seconds that the clock has to go evenly.
    public static let patience: TimeInterval = 3 * 86_400
    /// Seconds between two looks above which the clock leapt, or nobody looked.
    public static let longestGap: TimeInterval = 7 * 3600

    /// The last look.
    public let lastAt: Date
    /// Since when the clock goes evenly.
    public let steadySince: Date

    public init(lastAt: Date, steadySince: Date) {
        (self.lastAt, self.steadySince) = (lastAt, steadySince)
    }

    /// What is known after another look.
    public static func looking(at now: Date, after last: RetentionWatch?) -> RetentionWatch {
        guard let last, now >= last.lastAt, now.timeIntervalSince(last.lastAt) <= longestGap else {
            return RetentionWatch(lastAt: now, steadySince: now)
        }
        return RetentionWatch(lastAt: now, steadySince: last.steadySince)
    }

    /// Until when nothing that was announced may go after another look: where nobody looked for a time, or the clock leapt, people
    /// could not use what is theirs meanwhile, or an older state of the database came back, in which their use is missing. So as
    /// much time is given anew, up to all of the notice.
    ///
    /// - Returns: Nil where the look before was not long ago.
    public static func respite(at now: Date, after last: RetentionWatch?) -> Date? {
        let notice = Double(RetentionPolicy.noticeDays) * RetentionPolicy.day
        guard let last else { return now.addingTimeInterval(notice) }
        let gap = abs(now.timeIntervalSince(last.lastAt))
        return gap > longestGap ? now.addingTimeInterval(min(gap, notice)) : nil
    }

    /// Whether the clock may be believed.
    public var isSteady: Bool { lastAt.timeIntervalSince(steadySince) >= Self.patience }
}
