import Clinic
import Foundation
import Store
import Testing

/// Requests of other systems, what they look for, and the news that wait for them, in both databases.
@Suite struct ExchangeRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `cases are found by their person's and their request's number, page by page, by nobody else`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample("a@x.org"), User.sample("b@x.org"))
            let cases = (1...4).map { SmearCase.sample(of: user.id, at: moment(Double($0))) }
            let foreign = SmearCase.sample(of: other.id, at: moment(9))
            let request = LabRequest(
                caseID: cases[1].id, ownerID: user.id, identifier: .init(namespace: "urn:his", value: "O 1"),
                title: "Smear", requester: "Ward 4", authoredOn: "2026-11-30", createdAt: moment(2))
            try await database.write { transaction in
                for account in [user, other] { try transaction.insert(account) }
                for smearCase in cases + [foreign] { try transaction.insert(smearCase) }
                try transaction.insert(request)
                for (index, smearCase) in [cases[0], cases[2], foreign].enumerated() {
                    let namespace = index == 1 ? "urn:b" : "urn:a"
                    try transaction.store(
                        Person(
                            caseID: smearCase.id,
                            facts: .init(identifiers: [.init(namespace: namespace, value: "ரத்தம் 7")]),
                            updatedAt: moment(5)))
                }
            }
            func found(_ query: ExchangeQuery, after: CaseCursor? = nil, limit: Int = 9) async throws -> [CaseID] {
                try await database.read {
                    try $0.cases(of: user.id, matching: query, after: after, limit: limit).map(\.id)
                }
            }
            func person(_ namespace: String?, _ value: String) -> ExchangeQuery {
                ExchangeQuery(identifiers: [.init(.person, namespace: namespace, value: value)])
            }
            #expect(try await found(.init()) == cases.reversed().map(\.id))
            #expect(try await found(.init(), limit: 2) == [cases[3].id, cases[2].id])
            let cursor = CaseCursor(updatedAt: moment(3), id: cases[2].id)
            #expect(try await found(.init(), after: cursor) == [cases[1].id, cases[0].id])
            #expect(try await found(.init(since: moment(2), before: moment(4))) == [cases[2].id, cases[1].id])
            #expect(try await found(person(nil, "ரத்தம் 7")) == [cases[2].id, cases[0].id])
            #expect(try await found(person("urn:b", "ரத்தம் 7")) == [cases[2].id])
            #expect(try await found(person("", "ரத்தம் 7")).isEmpty)
            #expect(try await found(person(nil, "ரத்தம்")).isEmpty)
            let byNumber = ExchangeQuery(identifiers: [.init(.request, namespace: "urn:his", value: "O 1")])
            #expect(try await found(byNumber) == [cases[1].id])
            #expect(try await database.read { try $0.labRequests(of: cases[1].id) } == [request])
            try await database.write { try $0.deleteCase(cases[1].id) }
            #expect(try await database.read { try $0.labRequests(of: cases[1].id) }.isEmpty)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a receiver that takes nothing does not stand before another`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (chief, owner) = (User.sample("c@x.org", role: .administrator), User.sample("a@x.org"))
            let cases = (3...8).map { SmearCase.sample(of: owner.id, at: moment(Double($0))) }
            let told = (1...2).map {
                Subscription(userID: chief.id, endpoint: "https://his\($0).example.org/", createdAt: moment(Double($0)))
            }
            try await database.write { transaction in
                for user in [chief, owner] { try transaction.insert(user) }
                for smearCase in cases { try transaction.insert(smearCase) }
                try transaction.insert(told[0])
                for smearCase in cases { try transaction.noteNews(of: smearCase.id, at: smearCase.updatedAt) }
                try transaction.insert(told[1])
                try transaction.noteNews(of: cases[5].id, at: moment(9))
            }
            let due = try await database.read { try $0.dueNews(now: moment(9), limit: 4) }
            #expect(due.map(\.subscriptionID) == [told[0].id, told[0].id, told[1].id])
            #expect(due.map(\.dueAt) == [moment(3), moment(4), moment(9)])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `news wait for every subscription until they are taken or given up, and go to one server`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (chief, owner) = (User.sample("c@x.org", role: .administrator), User.sample("a@x.org"))
            let smearCase = SmearCase.sample(of: owner.id)
            let told = (1...2).map {
                Subscription(userID: chief.id, endpoint: "https://his\($0).example.org/", createdAt: moment(Double($0)))
            }
            try await database.write { transaction in
                for user in [chief, owner] { try transaction.insert(user) }
                try transaction.insert(smearCase)
                try transaction.noteNews(of: smearCase.id, at: moment(5))
                for subscription in told { try transaction.insert(subscription) }
                for second in [9.0, 10] { try transaction.noteNews(of: smearCase.id, at: moment(second)) }
                // Of a case that is gone there are none.
                try transaction.noteNews(of: CaseID(), at: moment(10))
            }
            #expect(try await database.read { try $0.smearCase(smearCase.id)?.updatedAt } == moment(10))
            let due = try await database.read { try $0.dueNews(now: moment(10), limit: 9) }
            #expect(Set(due.map(\.subscriptionID)) == Set(told.map(\.id)) && due.count == 2)
            #expect(try await database.read { try $0.dueNews(now: moment(8), limit: 9) }.isEmpty)
            let news = try #require(due.first { $0.subscriptionID == told[0].id })
            let claims = try await racing(6) { _ in
                try await database.write { try $0.claimNews(news.id, now: moment(10), until: moment(90)) }
            }
            #expect(claims.filter { $0 }.count == 1)
            try await database.write { (transaction: any ClinicTransaction) throws in
                try transaction.postponeNews(news.id, until: moment(200), failure: "it answered with the status 503")
                #expect(
                    try transaction.tally(of: told[0].id)
                        == NewsTally(
                            waiting: 1, delivered: 0, givenUp: 0, failure: "it answered with the status 503"))
                #expect(try !transaction.claimNews(news.id, now: moment(199), until: moment(300)))
                #expect(try transaction.claimNews(news.id, now: moment(200), until: moment(300)))
                #expect(try transaction.lastDelivery(of: told[0].id) == nil)
                try transaction.endNews(news.id, at: moment(201), failure: nil)
                #expect(try transaction.lastDelivery(of: told[0].id) == moment(201))
                #expect(
                    try transaction.tally(of: told[0].id)
                        == NewsTally(waiting: 0, delivered: 1, givenUp: 0, failure: nil))
                let other = try #require(due.first { $0.id != news.id })
                try transaction.endNews(other.id, at: moment(201), failure: "gone")
                #expect(
                    try transaction.tally(of: told[1].id)
                        == NewsTally(waiting: 0, delivered: 0, givenUp: 1, failure: "gone"))
                try transaction.forgetNews(endedBefore: moment(201))
                #expect(try transaction.tally(of: told[1].id).givenUp == 1)
                #expect(try transaction.lastDelivery(of: told[1].id) == nil, "given up is not taken")
                // What was tried already does not tell of what comes after it.
                try transaction.noteNews(of: smearCase.id, at: moment(202))
                try transaction.forgetNews(endedBefore: moment(202))
                let waiting = NewsTally(waiting: 1, delivered: 0, givenUp: 0, failure: nil)
                for subscription in told { #expect(try transaction.tally(of: subscription.id) == waiting) }
                try transaction.deleteSubscription(told[0].id)
                #expect(try transaction.subscriptions() == [told[1]])
                try transaction.deleteUser(chief.id)
                #expect(try transaction.subscriptions().isEmpty)
            }
        }
    }
}
