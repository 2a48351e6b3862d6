import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct AdminSubscriptionTests {
    @Test func `an administrator sees who is told and what became of it, and ends one`() async throws {
        try await AdminDesk.run { desk in
            let path = "/admin/subscriptions"
            #expect(try await desk.browser.get(path).text.contains("Nobody is told."))
            let now = Date(timeIntervalSince1970: 1_795_507_200)
            let told = (0..<2).map {
                Subscription(
                    userID: desk.administrator.id, endpoint: "https://his-\($0).example.org/news?a=<b>",
                    createdAt: now + Double($0))
            }
            let smearCase = SmearCase(
                ownerID: desk.administrator.id, title: "Secret sample title", createdAt: now, updatedAt: now)
            try await desk.services.database.write { transaction in
                try transaction.insert(smearCase)
                for subscription in told { try transaction.insert(subscription) }
                try transaction.noteNews(of: smearCase.id, at: now)
                let due = try transaction.dueNews(now: now, limit: 9)
                let first = try #require(due.first { $0.subscriptionID == told[0].id })
                let second = try #require(due.first { $0.subscriptionID == told[1].id })
                try transaction.endNews(first.id, at: now + 3600, failure: nil)
                try transaction.postponeNews(
                    second.id, until: now + 60, failure: "it answered with the status 503")
            }
            let page = try await desk.browser.get(path).text
            let parts = page.components(separatedBy: "<li class=\"card-like\"")
            try #require(parts.count == 3)
            #expect(parts[1].contains("https://his-0.example.org/news?a=&lt;b&gt;") && parts[1].contains("Active"))
            #expect(parts[1].contains("0 waiting · 1 taken · 0 given up") && parts[1].contains("Taken last"))
            #expect(parts[1].contains((now + 3600).formatted(.iso8601)) && !parts[1].contains("503"))
            #expect(parts[2].contains("With failures") && parts[2].contains("it answered with the status 503"))
            #expect(parts[2].contains("1 waiting · 0 taken · 0 given up") && parts[2].contains("Nothing was taken"))
            #expect(!page.contains("Secret sample title") && !page.contains(smearCase.id.text))
            // The places of the administration lead here, and so does the number on the dashboard.
            let dashboard = try await desk.browser.get("/admin").text
            #expect(dashboard.matches(of: /href="\/admin\/subscriptions"/).count == 2)

            let end = "\(path)/\(told[1].id)/end"
            let ended = try await desk.browser.post(end)
            #expect(ended.headers[.location] == "\(path)?notice=subscriptionEnded")
            let left = try await desk.browser.get("\(path)?notice=subscriptionEnded").text
            #expect(left.contains("The subscription has ended.") && !left.contains("his-1.example.org"))
            #expect(try await desk.services.database.read { try $0.subscriptions() } == [told[0]])
            #expect(try await desk.browser.post(end).status == .notFound)
            #expect(try await desk.actions().contains("subscription.delete"))
        }
    }
}
