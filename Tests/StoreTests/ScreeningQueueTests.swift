import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct ScreeningQueueTests {
    private func fill(_ database: any MaintainedDatabase, images: Int) async throws -> (UserID, CaseID) {
        let user = User.sample()
        let smearCase = SmearCase.sample(of: user.id)
        try await database.write { transaction in
            try transaction.insert(user)
            try transaction.insert(smearCase)
            for index in 0..<images {
                try transaction.add(.sample(in: smearCase.id, key: "k\(index)", at: moment(Double(index))))
            }
        }
        return (user.id, smearCase.id)
    }

    @Test(arguments: TestedDatabase.allCases)
    func `each screening goes to one of twenty workers, the oldest first`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            _ = try await fill(database, images: 15)
            let claimed = try await racing(20) { worker in
                try await database.write {
                    try $0.claimScreening(worker: "w\(worker)", now: moment(100), leaseUntil: moment(160))
                }
            }.compactMap { $0 }
            #expect(claimed.count == 15)
            #expect(Set(claimed.map(\.id)).count == 15)
            #expect(claimed.allSatisfy { $0.state == .running && $0.attempts == 1 && $0.leaseUntil == moment(160) })
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a lease that ran out passes to another worker, and the first one's answer is not stored`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (_, caseID) = try await fill(database, images: 1)
            let first = try await database.write {
                try $0.claimScreening(worker: "a", now: moment(10), leaseUntil: moment(20))
            }
            let id = try #require(first?.id)
            let early = try await database.write {
                try $0.claimScreening(worker: "b", now: moment(19), leaseUntil: moment(60))
            }
            #expect(early == nil)
            #expect(try await database.write { try $0.renewLease(id, worker: "a", until: moment(30)) })
            #expect(try await database.write { try $0.renewLease(id, worker: "b", until: moment(90)) } == false)
            let second = try await database.write {
                try $0.claimScreening(worker: "b", now: moment(30), leaseUntil: moment(60))
            }
            #expect(second?.id == id && second?.attempts == 2 && second?.workerID == "b")
            let late = try await database.write {
                try $0.complete(id, worker: "a", outcome: .sample(.report, .preB), analyticsJSON: "[]", at: moment(40))
            }
            #expect(late == false)
            #expect(try await database.read { try $0.screening(id)?.outcome } == nil)
            let stored = try await database.write {
                try $0.complete(id, worker: "b", outcome: .sample(), analyticsJSON: "[]", at: moment(41))
            }
            #expect(stored)
            let again = try await database.write {
                try $0.fail(id, worker: "b", failure: Message("errors.screenings.server"), at: moment(42))
            }
            #expect(again == false)
            let record = try #require(try await database.read { try $0.screening(id) })
            #expect(record.state == .done && record.outcome == .sample() && record.finishedAt == moment(41))
            #expect(record.workerID == nil && record.failure == nil)
            #expect(try await database.read { try $0.smearCase(caseID)?.updatedAt } == moment(41))
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a worker that stops hands its work back, and failures are kept with their reason`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, caseID) = try await fill(database, images: 3)
            _ = try await database.write { transaction in
                for _ in 0..<2 {
                    _ = try transaction.claimScreening(worker: "a", now: moment(9), leaseUntil: moment(99))
                }
                try transaction.releaseScreenings(worker: "a")
            }
            let records = try await database.read { try $0.screenings(of: caseID) }
            #expect(records.map(\.state) == [.queued, .queued, .queued])
            #expect(records.map(\.attempts) == [1, 1, 0])
            let positions = try await database.read { transaction in
                try records.map { try transaction.queuePosition($0.id) }
            }
            #expect(positions == [0, 1, 2])
            let failed = try await database.write { transaction in
                let claimed = try transaction.claimScreening(worker: "b", now: moment(9), leaseUntil: moment(99))
                return try claimed.map {
                    try transaction.fail($0.id, worker: "b", failure: Self.failure, at: moment(10))
                }
            }
            #expect(failed == true)
            #expect(try await database.read { try $0.screening(records[0].id)?.failure } == Self.failure)
            let pending = try await database.read {
                [try $0.countPendingScreenings(), try $0.countPendingScreenings(of: user)]
            }
            #expect(pending == [2, 2])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what failed goes back into the queue, with all its attempts, and what did not stays as it is`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (_, caseID) = try await fill(database, images: 2)
            let failed = try await database.write { transaction -> ScreeningID? in
                for _ in 0..<3 {
                    _ = try transaction.claimScreening(worker: "a", now: moment(10), leaseUntil: moment(20))
                    try transaction.releaseScreenings(worker: "a")
                }
                let claimed = try transaction.claimScreening(worker: "a", now: moment(10), leaseUntil: moment(20))
                try claimed.map { _ = try transaction.fail($0.id, worker: "a", failure: Self.failure, at: moment(11)) }
                return claimed?.id
            }
            let id = try #require(failed)
            try await database.write { transaction throws in
                #expect(try transaction.failedScreenings(of: nil, limit: 9) == [id])
                #expect(try transaction.failedScreenings(of: caseID, limit: 9) == [id])
                #expect(try transaction.failedScreenings(of: CaseID(), limit: 9) == [])
                #expect(try transaction.requeueFailed(id, at: moment(12)))
                #expect(try !transaction.requeueFailed(id, at: moment(13)))
                #expect(try !transaction.requeueFailed(ScreeningID(), at: moment(13)))
                #expect(try transaction.smearCase(caseID)?.updatedAt == moment(12))
                let row = try transaction.screening(id)
                #expect(row?.state == .queued && row?.attempts == 0 && row?.failure == nil && row?.finishedAt == nil)
                // Behind what has waited.
                let other = try transaction.claimScreening(worker: "b", now: moment(14), leaseUntil: moment(20))
                #expect(other != nil && other?.id != id)
                let again = try transaction.claimScreening(worker: "b", now: moment(14), leaseUntil: moment(20))
                #expect(again?.id == id && again?.attempts == 1)
            }
        }
    }

    /// People with a case each, whose images are stored person after person, the first person's first.
    private func crowd(_ images: [Int], in database: any MaintainedDatabase) async throws -> [CaseID] {
        try await database.write { transaction in
            var (cases, at): ([CaseID], Double) = ([], 0)
            for (number, count) in images.enumerated() {
                let user = User.sample("person\(number)@example.org")
                let smearCase = SmearCase.sample(of: user.id)
                try transaction.insert(user)
                try transaction.insert(smearCase)
                for _ in 0..<count {
                    at += 1
                    try transaction.add(.sample(in: smearCase.id, at: moment(at)))
                }
                cases.append(smearCase.id)
            }
            return cases
        }
    }

    /// Whose images are taken up, one after the other, as places in `cases`.
    private func claimed(
        _ count: Int, of cases: [CaseID], in database: any MaintainedDatabase
    ) async throws -> [Int] {
        try await database.write { transaction in
            try (0..<count).compactMap { _ in
                let claimed = try transaction.claimScreening(
                    worker: "w", now: moment(1000), leaseUntil: moment(9000))
                return claimed.flatMap { cases.firstIndex(of: $0.caseID) }
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `ten people who fill the queue are served by turns, and an eleventh in the second round`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let cases = try await crowd(Array(repeating: 40, count: 10), in: database)
            // The first turn had begun when the second person came.
            #expect(try await claimed(20, of: cases, in: database) == [0] + Array(0..<10) + Array(0..<9))
            #expect(try await claimed(3, of: cases, in: database) == [9, 0, 1])
            let late = try await database.write { transaction throws -> CaseID in
                let user = User.sample("late@example.org")
                let smearCase = SmearCase.sample(of: user.id)
                try transaction.insert(user)
                try transaction.insert(smearCase)
                let (_, first) = try transaction.add(.sample(in: smearCase.id, at: moment(900)))
                try transaction.add(.sample(in: smearCase.id, at: moment(901)))
                #expect(try transaction.queuePosition(first.id) == 18)
                return smearCase.id
            }
            let order = try await claimed(40, of: cases + [late], in: database)
            #expect(Array(order.prefix(19)) == Array(2..<10) + Array(0..<10) + [10])
            #expect(order.count { $0 == 10 } == 2 && order[29] == 10)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `images of one person that are tried again wait behind one image of each other person`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let cases = try await crowd([4, 1, 1], in: database)
            try await database.write { transaction throws in
                // Everything of the first person fails, and they ask for all of it again.
                for _ in 0..<6 {
                    guard
                        let claimed = try transaction.claimScreening(
                            worker: "w", now: moment(10), leaseUntil: moment(90))
                    else { break }
                    if claimed.caseID == cases[0] {
                        _ = try transaction.fail(claimed.id, worker: "w", failure: Self.failure, at: moment(11))
                    }
                }
                try transaction.releaseScreenings(worker: "w")
                for id in try transaction.failedScreenings(of: cases[0], limit: 9) {
                    #expect(try transaction.requeueFailed(id, at: moment(12)))
                }
            }
            #expect(try await claimed(6, of: cases, in: database) == [1, 2, 0, 0, 0, 0])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what was put off lets others go first, and what a worker left goes before all`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let cases = try await crowd([1, 1, 2, 1], in: database)
            try await database.write { transaction throws in
                let first = try transaction.claimScreening(worker: "w", now: moment(10), leaseUntil: moment(90))
                try transaction.postponeScreening(
                    #require(first).id, worker: "w", until: moment(20), countsAttempt: false)
                _ = try transaction.claimScreening(worker: "gone", now: moment(10), leaseUntil: moment(20))
            }
            #expect(try await claimed(6, of: cases, in: database) == [1, 2, 3, 0, 2])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what waited before there were turns gets them by person`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let cases = try await crowd([5, 2], in: database)
            try await database.migrating { connection in
                try connection.run("UPDATE screenings SET turn = 0", [])
                try connection.run("DELETE FROM schema_migrations WHERE number >= 6", [])
            }
            try await database.migrate()
            #expect(try await claimed(7, of: cases, in: database) == [0, 1, 0, 1, 0, 0, 0])
        }
    }

    private static let failure = Message(
        "errors.screenings.tried",
        [
            "count": 3, "text": "no smear — 無", "share": .share(0.25), "number": .number(1.5),
            "list": .list([.term("a.b")]),
        ])

    @Test(arguments: TestedDatabase.allCases)
    func `a failure that an earlier program stored as a sentence is kept as it is`(_ kind: TestedDatabase) async throws
    {
        try await kind.with { database in
            let (_, caseID) = try await fill(database, images: 1)
            let sentence = "The image could not be screened on this server. Please send it again."
            _ = try await database.writing {
                try $0.run("UPDATE screenings SET state = 'failed', failure = ?", [.text(sentence)])
            }
            let record = try #require(try await database.read { try $0.screenings(of: caseID).first })
            #expect(record.failure == Message("errors.screenings.before", ["words": .text(sentence)]))
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the same upload sent twenty times at once is one image with one screening`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, caseID) = try await fill(database, images: 2)
            let stored = try await racing(20) { _ in
                try await database.write { try $0.add(.sample(in: caseID, key: "same ")) }
            }
            #expect(Set(stored.map(\.0.id)).count == 1)
            #expect(Set(stored.map(\.1.id)).count == 1)
            #expect(stored.allSatisfy { $0.0.number == 3 })
            // A key that differs in its case or in a space at its end is another upload.
            let others = try await database.write { transaction in
                try ["SAME ", "same"].map { try transaction.add(.sample(in: caseID, key: $0)).0.number }
            }
            #expect(others == [4, 5])
            let usage = try await database.read { try $0.usage(of: user, since: moment(1)) }
            #expect(usage == (5, 5000, 4))
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `images keep their numbers when others go`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (user, caseID) = try await fill(database, images: 3)
            let images = try await database.read { try $0.images(of: caseID) }
            #expect(images.map(\.number) == [1, 2, 3])
            let next = try await database.write { transaction in
                try transaction.deleteImage(images[2].id)
                return try transaction.add(.sample(in: caseID)).0
            }
            #expect(next.number == 4)
            #expect(try await database.read { try $0.screening(of: images[2].id) } == nil)
            #expect(try await database.read { try $0.image(uploadKey: "k0", in: caseID) } == images[0])
            #expect(try await database.read { try $0.archiveKeys(of: user).count } == 3)
            let known = try await database.read {
                [try $0.hasImage(archiveKey: next.archiveKey), try $0.hasImage(archiveKey: images[2].archiveKey)]
            }
            #expect(known == [true, false])
            let error = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.add(.sample(in: CaseID())) }
            }
            #expect(error?.code == .notFound)
        }
    }
}
