import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct MonitoringRowsTests {
    private static func outcome(
        _ decision: Decision, _ label: SmearClass, version: String = "1.0"
    ) -> ScreeningOutcome {
        .sample(decision, label, confidence: 0.75, model: .init(name: "small", version: version))
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a finished screening is a fact with what its result says`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            try await database.write { transaction in
                try transaction.insert(user)
                for (index, outcome) in [Self.outcome(.report, .benign), .sample(.rejected, .proB)].enumerated() {
                    let smearCase = SmearCase.sample(of: user.id)
                    try transaction.insert(smearCase)
                    try transaction.add(.sample(in: smearCase.id, at: moment(Double(index))))
                    let claimed = try transaction.claimScreening(worker: "w", now: moment(5), leaseUntil: moment(60))
                    _ = try transaction.complete(
                        #require(claimed).id, worker: "w", outcome: outcome, analyticsJSON: "{}",
                        at: moment(10 + Double(index)))
                }
                // One that fails is no fact.
                let smearCase = SmearCase.sample(of: user.id)
                try transaction.insert(smearCase)
                try transaction.add(.sample(in: smearCase.id))
                let claimed = try transaction.claimScreening(worker: "w", now: moment(5), leaseUntil: moment(60))
                _ = try transaction.fail(
                    #require(claimed).id, worker: "w", failure: Message("errors.screenings.server"), at: moment(12))
            }
            let full = ScreeningFact(
                finishedAt: moment(10), finding: Finding(decision: .report, label: .benign, confidence: 0.75),
                novelty: 0.125,
                modelName: "small", modelVersion: "1.0", waitMilliseconds: 10_000, workMilliseconds: 7.75)
            let other = ScreeningFact(
                finishedAt: moment(11), finding: Finding(decision: .rejected, label: .proB, confidence: 0.875),
                novelty: 0.125, modelName: "small", modelVersion: "1.0", waitMilliseconds: 10_000,
                workMilliseconds: 7.75)
            try await database.read { transaction throws in
                #expect(try transaction.screeningFacts(from: moment(10), until: moment(12), limit: 9) == [other, full])
                #expect(try transaction.screeningFacts(from: moment(10), until: moment(12), limit: 1) == [other])
                #expect(try transaction.screeningFacts(from: moment(10), until: moment(11), limit: 9) == [full])
                #expect(
                    try transaction.screeningFacts(from: .distantPast, until: .distantFuture, limit: 9).count == 2)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `days are counted in UTC, by decision, class and version, within the moments asked for`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let user = User.sample()
            let day = Date(timeIntervalSince1970: 20_000 * 86_400)
            let finished: [(Double, ScreeningOutcome)] = [
                (-1, Self.outcome(.report, .benign)), (0, Self.outcome(.report, .benign)),
                (86_399, Self.outcome(.report, .benign)), (10, Self.outcome(.report, .proB)),
                (20, Self.outcome(.report, .benign, version: "2.0")), (86_400, Self.outcome(.uncertain, .benign)),
            ]
            try await database.write { transaction in
                try transaction.insert(user)
                for (seconds, outcome) in finished {
                    try transaction.addScreened(.sample(of: user.id), outcome, at: day + seconds)
                }
            }
            @Sendable func count(
                _ offset: Double, _ decision: Decision, _ label: SmearClass, _ version: String, _ count: Int
            ) -> DailyCount {
                DailyCount(
                    day: day + offset * 86_400, decision: decision, label: label, modelVersion: version, count: count)
            }
            try await database.read { transaction throws in
                #expect(
                    try transaction.dailyCounts(from: day - 86_400, until: day + 2 * 86_400) == [
                        count(-1, .report, .benign, "1.0", 1), count(0, .report, .benign, "1.0", 2),
                        count(0, .report, .benign, "2.0", 1), count(0, .report, .proB, "1.0", 1),
                        count(1, .uncertain, .benign, "1.0", 1),
                    ])
                // From the middle of a day to the middle of another, the end left out.
                #expect(
                    try transaction.dailyCounts(from: day + 20, until: day + 86_400) == [
                        count(0, .report, .benign, "1.0", 1), count(0, .report, .benign, "2.0", 1),
                    ])
                #expect(try transaction.dailyCounts(from: .distantPast, until: .distantFuture).count == 5)
                #expect(try transaction.dailyCounts(from: day, until: day).isEmpty)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `stored images are added up, and the oldest of the queue is known`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let smearCase = SmearCase.sample(of: user.id)
            try await database.write { transaction in
                #expect(try transaction.storedAmount() == (0, 0))
                #expect(try transaction.oldestQueuedAt() == nil)
                try transaction.insert(user)
                try transaction.insert(smearCase)
                for seconds in [20.0, 30, 40] { try transaction.add(.sample(in: smearCase.id, at: moment(seconds))) }
                #expect(try transaction.storedAmount() == (3, 3000))
                #expect(try transaction.oldestQueuedAt() == moment(20))
                _ = try transaction.claimScreening(worker: "w", now: moment(50), leaseUntil: moment(60))
                #expect(try transaction.oldestQueuedAt() == moment(30))
            }
        }
    }
}
