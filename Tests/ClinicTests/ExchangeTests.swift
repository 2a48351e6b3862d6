import Clinic
import Findings
import Foundation
import Store
import Testing

/// Requests of other systems and the news that they wait for, as use cases.
@Suite struct ExchangeTests {
    private static func subscriptions(_ room: ReadingRoom) -> Subscriptions {
        Subscriptions(
            database: room.database,
            check: { if !$0.hasPrefix("https://his.example.org") { throw ClinicError(.invalid, "errors.fhir.host") } },
            clock: room.clock.now)
    }

    @Test func `administrators alone name who is told, and only what may be called`() async throws {
        try await ReadingRoom.lend { room in
            let subscriptions = Self.subscriptions(room)
            for user in [room.patient, room.reader] {
                await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                    _ = try await subscriptions.subscribe(
                        "https://his.example.org/", by: .inBrowser(user))
                }
            }
            let chief = Principal.inBrowser(room.administrator)
            await #expect(throws: ClinicError(.invalid, "errors.fhir.host")) {
                _ = try await subscriptions.subscribe("https://10.0.0.1/", by: chief)
            }
            let made = try await subscriptions.subscribe("https://his.example.org/", by: chief)
            #expect(try await subscriptions.all(for: chief).map(\.subscription) == [made.subscription])
            try await subscriptions.end(made.subscription.id, by: chief)
            #expect(try await subscriptions.all(for: chief).isEmpty)
            let log = try await room.database.read { try $0.auditRecords(after: 0, limit: 99).map(\.entry.action) }
            #expect(log.suffix(2) == [.subscription(.create), .subscription(.delete)])
        }
    }

    @Test func `a signed reading is news, which are tried with growing pauses until they are taken or given up`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let (subscriptions, chief) = (Self.subscriptions(room), Principal.inBrowser(room.administrator))
            let id = try await subscriptions.subscribe("https://his.example.org/", by: chief).subscription.id
            try await room.share(0)
            room.clock.advance(60)
            _ = try await room.reading.sign(
                room.screenings[0].id, .init(label: .smearClass(.preB), comment: "", revision: 1, isBlind: false),
                by: room.reader)
            #expect(
                try await room.database.read { try $0.smearCase(room.smearCase.id)?.updatedAt } == room.clock.now())
            var tries = 0
            while let news = try await subscriptions.due().first {
                #expect(news.caseID == room.smearCase.id && news.attempts == tries)
                #expect(try await subscriptions.claim(news)?.id == id)
                #expect(try await subscriptions.claim(news) == nil, "of two at once one has it")
                tries += 1
                let isTriedAgain = try await subscriptions.failed(news, because: "it answered with the status 500")
                #expect(isTriedAgain == (tries < Subscriptions.maximumAttempts))
                let pause = Subscriptions.pauses[min(tries, Subscriptions.pauses.count) - 1]
                room.clock.advance(pause - 1)
                #expect(try await subscriptions.due().isEmpty)
                room.clock.advance(1)
            }
            #expect(tries == Subscriptions.maximumAttempts)
            let tally = try await subscriptions.entry(id, for: chief).tally
            #expect(
                tally
                    == NewsTally(
                        waiting: 0, delivered: 0, givenUp: 1, failure: "it answered with the status 500"))
            try await subscriptions.sweep()
            #expect(try await subscriptions.entry(id, for: chief).tally == tally, "what was given up is to be seen")
            room.clock.advance(Subscriptions.memory * 2)
            try await subscriptions.sweep()
            let nothing = NewsTally(waiting: 0, delivered: 0, givenUp: 0, failure: nil)
            #expect(try await subscriptions.entry(id, for: chief).tally == nothing)
        }
    }

    @Test(arguments: [false, true])
    func `nobody is told for an account that is no administrator's any more`(_ isDisabled: Bool) async throws {
        try await ReadingRoom.lend { room in
            let (subscriptions, chief) = (Self.subscriptions(room), Principal.inBrowser(room.administrator))
            let id = try await subscriptions.subscribe("https://his.example.org/", by: chief).subscription.id
            var user = room.administrator
            if isDisabled { user.isDisabled = true } else { user.role = .clinician }
            try await room.database.write { [user, now = room.clock.now()] transaction in
                try transaction.update(user)
                try transaction.noteNews(of: room.smearCase.id, at: now)
            }
            let news = try #require(try await subscriptions.due().first)
            #expect(try await subscriptions.claim(news) == nil)
            let tally = try await subscriptions.entry(id, for: chief).tally
            #expect(tally.givenUp == 1 && tally.waiting == 0 && tally.failure?.contains("administrator") == true)
        }
    }

    @Test func `a request begins no case without consent`() async throws {
        try await ReadingRoom.lend { room in
            let owner = Principal.inBrowser(room.patient)
            let exchange = Exchange(Cases(database: room.database, clock: room.clock.now))
            let asked = Exchange.Asked(identifier: .init(namespace: "his", value: "O"), title: "Smear")
            await #expect { try await exchange.take(asked, by: owner) } throws: {
                isClinicError($0, .consentNeeded)
            }
            try await Consents(database: room.database, clock: room.clock.now).answer(
                .given, to: ConsentText(language: "en", words: "The notice."), of: room.patient.id, by: owner.actor)
            #expect(try await exchange.take(asked, by: owner).isNew)
        }
    }

    @Test func `a request fills in what a case lacks and changes nothing that it holds`() async throws {
        try await ReadingRoom.lend { room in
            let owner = Principal.inBrowser(room.patient)
            let cases = Cases(database: room.database, clock: room.clock.now)
            try await cases.setPerson(
                .init(identifiers: [.init(namespace: "a", value: "1")], birthYear: 2019), of: room.smearCase.id,
                by: owner)
            let exchange = Exchange(Cases(database: room.database, clock: room.clock.now))
            let facts = Person.Facts(
                identifiers: [.init(namespace: "b", value: "2")], sample: .init(namespace: "", value: "S"),
                ageYears: 3, sex: .female)
            let asked = Exchange.Asked(
                identifier: .init(namespace: "his", value: "O"), title: "Smear", facts: facts,
                caseID: room.smearCase.id)
            let made = try await exchange.take(asked, by: owner)
            #expect(made.isNew && made.request.caseID == room.smearCase.id)
            let known = try #require(made.dossier.contents.person?.facts)
            #expect(known.identifiers.map(\.value) == ["1", "2"] && known.sample?.value == "S")
            #expect(known.birthYear == 2019 && known.ageYears == nil && known.sex == .female)
            #expect(try await !exchange.take(asked, by: owner).isNew)
            var other = asked
            other.requester = "Somebody else"
            await #expect { try await exchange.take(other, by: owner) } throws: {
                isClinicError($0, .duplicate, field: "request")
            }
            await #expect { try await exchange.take(asked, by: .inBrowser(room.otherPatient)) } throws: {
                isClinicError($0, .notFound)
            }
            try await room.database.write { try $0.deleteCase(room.smearCase.id) }
            await #expect { try await exchange.take(asked, by: owner) } throws: { isClinicError($0, .notFound) }
        }
    }
}
