import Clinic
import Foundation

extension SQLTransaction {
    static let subscriptionTable = SQLTable<Subscription>("subscriptions", "id user_id endpoint created_at") { row in
        try Subscription(
            id: row["id"], userID: row["user_id"], endpoint: row["endpoint"], createdAt: row["created_at"])
    }

    private static let news = SQLTable<CaseNews>(
        "case_news", "id subscription_id case_id created_at attempts due_at"
    ) { row in
        // Those that are at their end have no time any more, and are never read.
        try CaseNews(
            id: row["id"], subscriptionID: row["subscription_id"], caseID: row["case_id"],
            createdAt: row["created_at"], attempts: row["attempts"], dueAt: row["due_at"])
    }

    func insert(_ subscription: Subscription) throws {
        try connection.execute(
            "INSERT INTO subscriptions (\(Self.subscriptionTable.list)) VALUES (?, ?, ?, ?)", subscription.id.text,
            subscription.userID.text, subscription.endpoint, subscription.createdAt)
    }

    func subscriptions() throws -> [Subscription] {
        try connection.all(Self.subscriptionTable, "ORDER BY created_at, id")
    }

    func subscription(_ id: SubscriptionID) throws -> Subscription? {
        try connection.one(Self.subscriptionTable, "WHERE id = ?", id.text)
    }

    func deleteSubscription(_ id: SubscriptionID) throws {
        // The news go by their foreign key.
        try connection.execute("DELETE FROM subscriptions WHERE id = ?", id.text)
    }

    func noteNews(of smearCase: CaseID, at: Date) throws {
        guard let held = try holdCase(smearCase) else { return }
        if held.updatedAt < at {
            try connection.execute("UPDATE cases SET updated_at = ? WHERE id = ?", at, smearCase.text)
            try moveMarks(of: smearCase, to: at)
        }
        for subscription in try subscriptions() {
            // Written, not only read: whoever claims it meanwhile waits, or has the later ones come as a row of their own.
            let known = try connection.execute(
                """
                UPDATE case_news SET created_at = ? \
                WHERE case_id = ? AND subscription_id = ? AND attempts = 0 AND due_at IS NOT NULL
                """, at, smearCase.text, subscription.id.text)
            if known > 0 { continue }
            let news = CaseNews(subscriptionID: subscription.id, caseID: smearCase, createdAt: at)
            try connection.execute(
                "INSERT INTO case_news (\(Self.news.list)) VALUES (?, ?, ?, ?, ?, ?)", news.id.text,
                subscription.id.text, smearCase.text, at, 0, at)
        }
    }

    func dueNews(now: Date, limit: Int) throws -> [CaseNews] {
        // A part for each, so that one receiver that takes nothing does not stand before all others.
        let all = try subscriptions()
        return try all.flatMap { subscription in
            try connection.all(
                Self.news, "WHERE subscription_id = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?",
                subscription.id.text, now, max(1, limit / all.count))
        }.sorted { ($0.dueAt, $0.id.text) < ($1.dueAt, $1.id.text) }
    }

    func claimNews(_ id: CaseNewsID, now: Date, until: Date) throws -> Bool {
        try connection.execute(
            "UPDATE case_news SET attempts = attempts + 1, due_at = ? WHERE id = ? AND due_at <= ?", until, id.text,
            now) == 1
    }

    func postponeNews(_ id: CaseNewsID, until: Date, failure: String) throws {
        try connection.execute(
            "UPDATE case_news SET due_at = ?, failure = ? WHERE id = ? AND due_at IS NOT NULL", until, failure,
            id.text)
    }

    func endNews(_ id: CaseNewsID, at: Date, failure: String?) throws {
        try connection.execute(
            "UPDATE case_news SET due_at = NULL, ended_at = ?, failure = ? WHERE id = ?", at, failure, id.text)
    }

    func tally(of id: SubscriptionID) throws -> NewsTally {
        func count(_ condition: String) throws -> Int {
            try connection.number(
                "SELECT COUNT(*) FROM case_news WHERE subscription_id = ? AND \(condition)", id.text)
        }
        let failure: String? = try connection.value(
            """
            SELECT failure FROM case_news WHERE subscription_id = ? AND failure IS NOT NULL \
            ORDER BY created_at DESC, id DESC LIMIT 1
            """, id.text)
        return NewsTally(
            waiting: try count("ended_at IS NULL"), delivered: try count("ended_at IS NOT NULL AND failure IS NULL"),
            givenUp: try count("ended_at IS NOT NULL AND failure IS NOT NULL"), failure: failure)
    }

    func lastDelivery(of id: SubscriptionID) throws -> Date? {
        try connection.value(
            """
            SELECT ended_at FROM case_news WHERE subscription_id = ? AND ended_at IS NOT NULL AND failure IS NULL \
            ORDER BY ended_at DESC LIMIT 1
            """, id.text)
    }

    func forgetNews(endedBefore end: Date) throws {
        try connection.execute("DELETE FROM case_news WHERE ended_at < ?", end)
    }
}
