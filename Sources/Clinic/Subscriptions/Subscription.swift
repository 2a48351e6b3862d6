import Foundation

public typealias SubscriptionID = Identifier<Subscription>
public typealias CaseNewsID = Identifier<CaseNews>

/// An address that an administrator named: it is told that a case has news, never what they are.
public struct Subscription: Sendable, Equatable {
    public let id: SubscriptionID
    /// The administrator.
    public let userID: UserID
    /// `https://host/path`.
    public let endpoint: String
    public let createdAt: Date

    public init(id: SubscriptionID = SubscriptionID(), userID: UserID, endpoint: String, createdAt: Date) {
        (self.id, self.userID, self.endpoint, self.createdAt) = (id, userID, endpoint, createdAt)
    }
}

/// That a case has news, for one subscription. It holds nothing of the case but its identifier: what the receiver may know it
/// reads, as itself.
public struct CaseNews: Sendable, Equatable {
    /// The same at every try.
    public let id: CaseNewsID
    public let subscriptionID: SubscriptionID
    public let caseID: CaseID
    public let createdAt: Date
    /// Tries so far.
    public let attempts: Int
    /// When it is tried next.
    public let dueAt: Date

    public init(
        id: CaseNewsID = CaseNewsID(), subscriptionID: SubscriptionID, caseID: CaseID, createdAt: Date,
        attempts: Int = 0, dueAt: Date? = nil
    ) {
        (self.id, self.subscriptionID, self.caseID) = (id, subscriptionID, caseID)
        (self.createdAt, self.attempts, self.dueAt) = (createdAt, attempts, dueAt ?? createdAt)
    }
}

/// What became of the news of a subscription.
public struct NewsTally: Sendable, Equatable {
    public let waiting: Int
    public let delivered: Int
    /// Tried as often as anything is tried, and never taken.
    public let givenUp: Int
    /// Why the last one that was not taken was not; nil where all were.
    public let failure: String?

    public init(waiting: Int, delivered: Int, givenUp: Int, failure: String?) {
        (self.waiting, self.delivered, self.givenUp, self.failure) = (waiting, delivered, givenUp, failure)
    }
}

/// Subscriptions, and the news that wait for them.
public protocol SubscriptionRows {
    func insert(_ subscription: Subscription) throws
    /// The oldest first.
    func subscriptions() throws -> [Subscription]
    func subscription(_ id: SubscriptionID) throws -> Subscription?
    /// Deletes a subscription with its news.
    func deleteSubscription(_ id: SubscriptionID) throws
    /// Moves the case's `updatedAt` forward, and lets its news wait for every subscription; those that wait untried tell of
    /// these too.
    func noteNews(of smearCase: CaseID, at: Date) throws
    /// Those whose time has come, the longest due first.
    func dueNews(now: Date, limit: Int) throws -> [CaseNews]
    /// Counts a try and puts the news off until somebody may think that the try came to nothing.
    ///
    /// - Returns: Whether they were due; of two at once, one is told so.
    func claimNews(_ id: CaseNewsID, now: Date, until: Date) throws -> Bool
    func postponeNews(_ id: CaseNewsID, until: Date, failure: String) throws
    /// They are tried no more.
    ///
    /// - Parameter failure: Why they were given up; nil where they were taken.
    func endNews(_ id: CaseNewsID, at: Date, failure: String?) throws
    func tally(of id: SubscriptionID) throws -> NewsTally
    /// When news were taken last; nil where none were, or all of these are forgotten.
    func lastDelivery(of id: SubscriptionID) throws -> Date?
    /// Forgets what was taken or given up before a moment.
    func forgetNews(endedBefore: Date) throws
}
