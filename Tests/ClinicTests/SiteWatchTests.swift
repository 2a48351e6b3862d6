import Clinic
import Foundation
import Randomness
import Testing

@Suite struct SiteWatchTests {
    /// A number from about −3 to 3, nearly normal: the sum of twelve uniform ones less six.
    private static func bell(_ random: inout SplitMix64) -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double(random.next() >> 11) / Double(UInt64(1) << 53) }
    }

    /// Runs of forty fields. A run has a level of its own, as people and slides have, and fields differ within it.
    private static func runs(
        _ count: Int, series: String = "familiar", novelty: Double = 0, evidence: Double = 0,
        _ random: inout SplitMix64
    ) -> [WatchTrial.Run] {
        (0..<count).compactMap { number in
            let isMalignant = number % 2 == 0
            let level = (novelty: 0.4 + novelty + 0.08 * bell(&random), evidence: 0.1 * bell(&random) + evidence)
            let fields = (0..<40).map { _ in
                WatchedField(
                    isMalignant: isMalignant, novelty: level.novelty + 0.1 * bell(&random),
                    evidence: (isMalignant ? 0.85 : 0.15) + level.evidence + 0.08 * bell(&random))
            }
            return WatchTrial.Run(
                name: "\(series)-\(number)", series: series, isMalignant: isMalignant, fields: fields)
        }
    }

    private static func settings(_ change: (inout WatchTrial.Settings) -> Void) -> WatchTrial.Settings {
        var settings = WatchTrial.Settings()
        change(&settings)
        return settings
    }

    @Test func `of a thousand familiar streams at most one in a hundred is alarmed`() {
        var random = SplitMix64(seed: 7)
        let trial = WatchTrial(Self.runs(300, &random), settings: Self.settings { $0.cases = 150 })
        let found = trial.familiar(using: &random)
        #expect(found.streams == 1000 && found.alarms <= 10, "\(found)")
        #expect(found.alarms == found.novelty + found.evidence)
    }

    @Test(arguments: [0.02, 0.8])
    func `more or fewer people with leukaemia than among the control fields are no alarm`(share: Double) {
        var random = SplitMix64(seed: 8)
        let settings = Self.settings { ($0.streams, $0.cases, $0.malignantShare) = (300, 150, share) }
        let found = WatchTrial(Self.runs(300, &random), settings: settings).familiar(using: &random)
        #expect(found.alarms <= 6, "\(found)")
    }

    @Test func `another look and another evidence are noticed within a few tens of cases`() throws {
        var random = SplitMix64(seed: 9)
        let runs = Self.runs(300, &random)
        let changes: [(Double, Double, Int)] = [(0.15, 0, 30), (0.3, 0, 15), (0, 0.35, 60)]
        for (novelty, evidence, cases) in changes {
            let changed = Self.runs(20, series: "other", novelty: novelty, evidence: evidence, &random)
            let trial = WatchTrial(runs + changed, settings: Self.settings { $0.streams = 100 })
            let found = try #require(trial.changed(to: "other", using: &random))
            let median = try #require(found.medianCases, "\(found)")
            #expect(median <= cases && found.noticed * 10 >= found.streams * 9, "\(found)")
        }
        #expect(WatchTrial(runs).changed(to: "nowhere", using: &random) == nil)
    }

    /// As a network answers its own series it is familiar, as one answers that never saw it, it is not.
    @Test func `a series that was left out of training is noticed by its novelty alone`() throws {
        var random = SplitMix64(seed: 13)
        let runs = Self.runs(300, &random) + Self.runs(20, series: "other", &random)
        let trial = WatchTrial(runs, settings: Self.settings { ($0.streams, $0.after) = (100, 60) })
        let known = try #require(trial.changed(to: "other", using: &random))
        #expect(known.noticed * 10 <= known.streams, "\(known)")
        let strange = Self.runs(20, series: "other", novelty: 0.3, &random)
        let found = try #require(trial.changed(to: "other", in: strange, using: &random))
        #expect(try #require(found.medianCases) <= 15 && found.noticed == found.streams, "\(found)")
    }

    @Test func `a drift of a hundredth a day is noticed within eighty cases`() throws {
        var random = SplitMix64(seed: 10)
        let familiar = Self.runs(300, &random)
        let days = (0..<40).map { day in
            Self.runs(10, series: "drift", novelty: 0.01 * Double(day), &random)
        }
        let trial = WatchTrial(familiar, settings: Self.settings { ($0.streams, $0.before) = (100, 100) })
        let found = try #require(trial.drifting(named: "drift", through: days, using: &random))
        #expect(try #require(found.medianCases) <= 80 && found.noticed == found.streams, "\(found)")
    }

    @Test func `a drift is followed to its last day however many cases a day has, and a day that is missing counts`()
        throws
    {
        var random = SplitMix64(seed: 14)
        let familiar = Self.runs(100, &random)
        // Nothing changes for twelve days; then it is plain to see. Of every second day nothing is recorded.
        let days = (0..<16).map { day in
            day % 2 == 1 ? [] : day < 12 ? familiar : Self.runs(20, series: "late", novelty: 0.5, &random)
        }
        for perDay in [5, 40] {
            let settings = Self.settings { ($0.streams, $0.after, $0.casesPerDay) = (20, 100, perDay) }
            let trial = WatchTrial(familiar, settings: settings)
            let found = try #require(trial.drifting(named: "late", through: days, using: &random))
            let median = try #require(found.medianCases, "\(found)")
            #expect(found.casesPerDay == perDay && median > 12 * perDay && median <= 12 * perDay + 20, "\(found)")
        }
        let nothing = WatchTrial(familiar).drifting(named: "late", through: [[], []], using: &random)
        #expect(nothing == nil)
    }

    @Test func `ranks of familiar cases are uniform, whatever they are made of`() throws {
        var random = SplitMix64(seed: 12)
        var watch = SiteWatch(controls: [])
        var counts = Array(repeating: 0, count: 10)
        for _ in 0..<2000 {
            // Coarse values, with many ties.
            let field = WatchedField(
                isMalignant: random.next(below: 3) == 0, novelty: Double(random.next(below: 4)), evidence: 0)
            let watched = try #require(WatchedCase([field]))
            func coin() -> Double { Double((random.next() >> 11) + 1) / Double(UInt64(1) << 53) }
            let step = watch.add(watched, coins: (coin(), coin()))
            counts[min(9, Int(step.noveltyP * 10))] += 1
            #expect(step.noveltyP > 0 && step.noveltyP <= 1 && step.evidenceP > 0 && step.evidenceP <= 1)
        }
        // 200 expected in each tenth; four standard deviations are 54.
        #expect(counts.allSatisfy { abs($0 - 200) < 54 }, "\(counts)")
    }

    @Test func `the bettor begins with one, gains on small numbers, loses little on others, and comes back as stored`()
        throws
    {
        var bettor = BettingMartingale()
        #expect(abs(bettor.logWealth) < 1e-12)
        // By hand: a quarter each of 1, 0.7·p^−0.3, 0.45·p^−0.55 and 0.2·p^−0.8.
        bettor.bet(on: 0.01)
        let first = [(1.0, 0.0), (0.7, 0.3), (0.45, 0.55), (0.2, 0.8)].reduce(0) { $0 + $1.0 * pow(100, $1.1) } / 4
        #expect(abs(bettor.logWealth - log(first)) < 1e-9)
        let before = bettor.logWealth
        for _ in 0..<10 { bettor.bet(on: 0.01) }
        #expect(bettor.logWealth > before + 8)
        var other = BettingMartingale()
        for _ in 0..<1000 { other.bet(on: 0.6) }
        #expect(other.logWealth > log(0.25) - 2)
        let data = try JSONEncoder().encode(bettor)
        #expect(try JSONDecoder().decode(BettingMartingale.self, from: data) == bettor)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(BettingMartingale.self, from: Data("[0]".utf8))
        }
    }

    @Test func `a case counts its first ten fields, and is compared with as many of the others`() throws {
        let field = WatchedField(isMalignant: false, novelty: 0.5, evidence: 0.1)
        #expect(WatchedCase([]) == nil)
        #expect(try #require(WatchedCase(Array(repeating: field, count: 30))).fields.count == 10)
        // Twelve controls whose first field is strange and whose other nine are not: a case of one field is held against
        // first fields alone.
        let strange = WatchedField(isMalignant: false, novelty: 2, evidence: 0.1)
        let control = try #require(WatchedCase([strange] + Array(repeating: field, count: 9)))
        var watch = SiteWatch(controls: Array(repeating: control, count: 12))
        let single = try #require(WatchedCase([WatchedField(isMalignant: false, novelty: 1, evidence: 0.1)]))
        #expect(watch.add(single, coins: (1, 1)).noveltyP == 1)
    }
}
