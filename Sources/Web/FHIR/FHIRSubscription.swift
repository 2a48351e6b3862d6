import Clinic
import Foundation

/// A subscription as FHIR R4 tells it, with what became of its news.
struct FHIRSubscription: Encodable, Sendable {
    struct Channel: Encodable, Sendable {
        let type = "rest-hook"
        let endpoint: String
        let payload = "application/fhir+json"
    }

    struct Meta: Encodable, Sendable {
        let lastUpdated: String
    }

    let resourceType = "Subscription"
    let id: String
    let meta: Meta
    /// `error` where something was given up or was not taken at its last try.
    let status: String
    let reason: String
    let criteria = "DiagnosticReport?"
    /// What went wrong last, with how much waits and was given up.
    let error: String?
    let channel: Channel

    init(_ entry: Subscriptions.Entry) {
        let tally = entry.tally
        id = entry.subscription.id.text.replacing("_", with: ".")
        meta = Meta(lastUpdated: entry.subscription.createdAt.formatted(.iso8601))
        status = tally.failure == nil ? "active" : "error"
        reason = "News of cases: \(tally.delivered) taken, \(tally.waiting) waiting, \(tally.givenUp) given up"
        error = tally.failure
        channel = Channel(endpoint: entry.subscription.endpoint)
    }

    /// - Returns: Nil for what cannot be one.
    static func id(_ text: String) -> SubscriptionID? { SubscriptionID(text.replacing(".", with: "_")) }
}

/// All subscriptions.
struct FHIRSubscriptionList: Encodable, Sendable {
    struct Entry: Encodable, Sendable {
        let fullUrl: String
        let resource: FHIRSubscription
        let search = FHIRBundle.Entry.Search()
    }

    let resourceType = "Bundle"
    let type = "searchset"
    let link: [FHIRBundle.Link]
    let entry: [Entry]?

    init(_ entries: [Subscriptions.Entry], base: String) {
        link = [.init(relation: "self", url: "\(base)/Subscription")]
        let told = entries.map(FHIRSubscription.init)
        entry =
            told.isEmpty
            ? nil : told.map { Entry(fullUrl: "\(base)/Subscription/\($0.id)", resource: $0) }
    }
}

/// What is posted: that a report has news, and where it can be read; of what it says nothing crosses the network (the subscription
/// notification of the Subscriptions R5 Backport for R4, with identifiers alone).
struct FHIRNews: Encodable, Sendable {
    struct Reference: Encodable, Sendable {
        let reference: String
    }

    struct Parameter: Encodable, Sendable {
        let name: String
        var valueReference: Reference?
        var valueCode: String?
        var valueString: String?
        var valueInstant: String?
        var part: [Parameter]?
    }

    struct Status: Encodable, Sendable {
        let resourceType = "Parameters"
        let id: String
        let parameter: [Parameter]
    }

    struct Call: Encodable, Sendable {
        let method = "GET"
        let url: String
    }

    struct Outcome: Encodable, Sendable {
        let status = "200"
    }

    struct Entry: Encodable, Sendable {
        let fullUrl: String
        var resource: Status?
        let request: Call
        let response = Outcome()
    }

    let resourceType = "Bundle"
    let id: String
    let type = "history"
    let timestamp: String
    let entry: [Entry]

    /// - Parameter base: Where FHIR is served.
    init(_ news: CaseNews, at now: Date, base: String) {
        let plain = { (text: String) in text.replacing("_", with: ".") }
        let (subscription, focus) = (plain(news.subscriptionID.text), "DiagnosticReport/\(plain(news.caseID.text))")
        id = plain(news.id.text)
        timestamp = now.formatted(.iso8601)
        let status = Status(
            id: id,
            parameter: [
                .init(name: "subscription", valueReference: .init(reference: "Subscription/\(subscription)")),
                .init(name: "status", valueCode: "active"), .init(name: "type", valueCode: "event-notification"),
                .init(
                    name: "notification-event",
                    part: [
                        .init(name: "event-number", valueString: "1"),
                        .init(name: "timestamp", valueInstant: news.createdAt.formatted(.iso8601)),
                        .init(name: "focus", valueReference: .init(reference: focus)),
                    ]),
            ])
        entry = [
            Entry(
                fullUrl: "\(base)/Subscription/\(subscription)/$status", resource: status,
                request: .init(url: "Subscription/\(subscription)/$status")),
            Entry(fullUrl: "\(base)/\(focus)", request: .init(url: focus)),
        ]
    }
}
