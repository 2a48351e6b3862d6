import Clinic
import Foundation
import Formats
import Logging
import Mail

/// Posts the news of cases that are due to those who subscribed. They wait in the database, so that a restart loses nothing.
///
/// Any number of servers may run it on one database.
public struct SubscriptionService: Sendable {
    private let services: SiteServices
    private let base: String
    private let logger: Logger

    /// How often it looks.
    private static let interval = Duration.seconds(5)
    /// After so many posts that one receiver did not take, it is left alone until the next round.
    private static let failuresInARow = 3

    /// - Parameters:
    ///   - services: Database, keys, who may be called.
    ///   - address: Where the site is reached, for links.
    ///   - logger: Where to log.
    public init(services: SiteServices, address: String, logger: Logger) {
        (self.services, self.logger) = (services, logger)
        base = "\(address.trimmingCharacters(in: ["/"]))/fhir"
    }

    /// Works until the task is cancelled.
    public func run() async {
        var rounds = 0
        while !Task.isCancelled {
            await round()
            rounds += 1
            if rounds % 720 == 1 { await sweep() }
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }

    /// Posts once what is due. What was not taken is logged, and tried again later.
    public func round() async {
        do {
            var failures: [SubscriptionID: Int] = [:]
            for news in try await services.subscriptions.due() where !Task.isCancelled {
                guard failures[news.subscriptionID, default: 0] < Self.failuresInARow,
                    let subscription = try await services.subscriptions.claim(news)
                else { continue }
                if try await !post(news, to: subscription) { failures[news.subscriptionID, default: 0] += 1 }
            }
        } catch {
            log("news could not be posted", error)
        }
    }

    private func sweep() async {
        do { try await services.subscriptions.sweep() } catch { log("old news could not be forgotten", error) }
    }

    /// - Returns: Whether they were taken.
    private func post(_ news: CaseNews, to subscription: Subscription) async throws -> Bool {
        do {
            let gateway = try services.subscribers.gateway(
                subscription.endpoint, secret: services.secret(of: subscription.id))
            let body = try JSONFormat.line.data(FHIRNews(news, at: services.clock(), base: base))
            try await gateway.post(Array(body), identifier: news.id.text)
        } catch let error as MailError {
            // A server that stops in the middle leaves the news to their lease.
            let isTriedAgain = try await services.subscriptions.failed(news, because: error.message)
            logger.warning(
                "news not taken",
                metadata: [
                    "subscription": "\(subscription.id)", "reason": "\(error)",
                    "again": "\(isTriedAgain ? "yes" : "no")",
                ])
            return false
        }
        try await services.subscriptions.taken(news)
        return true
    }

    private func log(_ message: Logger.Message, _ error: any Error) {
        if !(error is CancellationError) { logger.warning(message, metadata: ["error": "\(error)"]) }
    }
}
