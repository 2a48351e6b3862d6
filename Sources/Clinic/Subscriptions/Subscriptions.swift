import Foundation

/// Administrators name who is told of news; what goes out is handed out here, each until it was taken.
public struct Subscriptions: Sendable {
    /// Seconds from a try that failed to the next; the last goes on.
    public static let pauses: [TimeInterval] = [10, 60, 300, 1800, 7200, 21_600]
    /// Tries of one piece of news: about two days.
    public static let maximumAttempts = 14
    /// Seconds that one try may take before another server tries.
    public static let lease: TimeInterval = 120
    /// News of one round.
    public static let batch = 100
    /// Subscriptions of an installation.
    public static let maximum = 20
    /// Seconds that news are kept after they were taken or given up.
    public static let memory: TimeInterval = 30 * 86_400

    let database: any ClinicDatabase
    /// Whether an address may be called here, and why not.
    let check: @Sendable (String) throws -> Void
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Holds the rows.
    ///   - check: Throws for an address that may not be called.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, check: @escaping @Sendable (String) throws -> Void,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.check, self.clock) = (database, check, clock)
    }

    /// A subscription with what became of its news.
    public struct Entry: Sendable {
        public let subscription: Subscription
        public let tally: NewsTally
        /// When news were taken last; nil where none were in the time that they are kept (`memory`).
        public let lastDeliveredAt: Date?

        init(_ subscription: Subscription, in transaction: any SubscriptionRows) throws {
            self.subscription = subscription
            tally = try transaction.tally(of: subscription.id)
            lastDeliveredAt = try transaction.lastDelivery(of: subscription.id)
        }
    }

    /// Names who is told.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but an administrator; `.invalid` with field `endpoint` where there are too
    ///   many; what `check` throws.
    public func subscribe(_ endpoint: String, by administrator: Principal) async throws -> Entry {
        try Self.require(administrator)
        try check(endpoint)
        let made = Subscription(userID: administrator.userID, endpoint: endpoint, createdAt: clock())
        return try await database.write { transaction in
            guard try transaction.subscriptions().count < Self.maximum else {
                throw ClinicError(
                    .invalid, "errors.fhir.tooManySubscriptions", ["maximum": Self.maximum], field: "endpoint")
            }
            try transaction.insert(made)
            try transaction.append(
                AuditEntry(
                    .subscription(.create), by: administrator.actor, object: made.id.text, at: made.createdAt))
            return try Entry(made, in: transaction)
        }
    }

    /// - Throws: `ClinicError.notFound` for anybody but an administrator.
    public func all(for administrator: Principal) async throws -> [Entry] {
        try Self.require(administrator)
        return try await database.read { transaction in
            try transaction.subscriptions().map { try Entry($0, in: transaction) }
        }
    }

    /// - Throws: `ClinicError.notFound` for anybody but an administrator, and where there is none.
    public func entry(_ id: SubscriptionID, for administrator: Principal) async throws -> Entry {
        try Self.require(administrator)
        return try await database.read { transaction in
            guard let found = try transaction.subscription(id) else { throw Self.missing }
            return try Entry(found, in: transaction)
        }
    }

    /// Tells somebody no more; what waits for them goes too.
    ///
    /// - Throws: As `entry`.
    public func end(_ id: SubscriptionID, by administrator: Principal) async throws {
        try Self.require(administrator)
        let now = clock()
        try await database.write { transaction in
            guard try transaction.subscription(id) != nil else { throw Self.missing }
            try transaction.deleteSubscription(id)
            try transaction.append(
                AuditEntry(.subscription(.delete), by: administrator.actor, object: id.text, at: now))
        }
    }

    private static func require(_ principal: Principal) throws {
        guard principal.role == .administrator else { throw missing }
    }

    private static var missing: ClinicError { ClinicError(.notFound, "errors.nothingHere") }
}

/// The news on their way.
extension Subscriptions {
    public func due() async throws -> [CaseNews] {
        let now = clock()
        return try await database.read { try $0.dueNews(now: now, limit: Self.batch) }
    }

    /// Takes a try upon oneself.
    ///
    /// News for somebody who is no administrator any more are given up.
    ///
    /// - Returns: Who is to be told; nil where somebody else does it, or nobody is to be told any more.
    public func claim(_ news: CaseNews) async throws -> Subscription? {
        let now = clock()
        return try await database.write { transaction in
            guard try transaction.claimNews(news.id, now: now, until: now.addingTimeInterval(Self.lease)) else {
                return nil
            }
            guard let subscription = try transaction.subscription(news.subscriptionID) else { return nil }
            guard let owner = try transaction.user(subscription.userID), owner.role == .administrator, !owner.isDisabled
            else {
                try transaction.endNews(news.id, at: now, failure: "its account is no administrator's any more")
                return nil
            }
            return subscription
        }
    }

    public func taken(_ news: CaseNews) async throws {
        let now = clock()
        try await database.write { try $0.endNews(news.id, at: now, failure: nil) }
    }

    /// They were not taken: they are tried again later, a number of times.
    ///
    /// - Parameter reason: Why, in technical English.
    /// - Returns: Whether they will be tried again.
    public func failed(_ news: CaseNews, because reason: String) async throws -> Bool {
        let (now, tries) = (clock(), news.attempts + 1)
        let isLast = tries >= Self.maximumAttempts
        try await database.write { transaction in
            guard !isLast else { return try transaction.endNews(news.id, at: now, failure: reason) }
            let pause = Self.pauses[min(tries, Self.pauses.count) - 1]
            try transaction.postponeNews(news.id, until: now.addingTimeInterval(pause), failure: reason)
        }
        return !isLast
    }

    /// Forgets what was taken or given up long ago.
    public func sweep() async throws {
        let end = clock().addingTimeInterval(-Self.memory)
        try await database.write { try $0.forgetNews(endedBefore: end) }
    }
}
