import Findings
import Foundation

/// Tries the watch on recorded answers: streams of cases as a laboratory has them, one case after the other, each of some
/// consecutive fields of one run, and one update a case. Fields are never shuffled between runs.
///
/// A case is drawn from a run, and the runs of the control cases and of the familiar stream are the same; so what is found
/// of familiar streams is the error of the watch itself, and says nothing of a laboratory whose people change.
public struct WatchTrial: Sendable {
    /// Answers to the fields of one acquisition run, in the order in which they were made.
    public struct Run: Sendable, Equatable {
        public let name: String
        /// What the run belongs to; a series can be left out.
        public let series: String
        public let isMalignant: Bool
        public let cases: [WatchedCase]

        /// - Parameter cases: Where the table tells them.
        public init(name: String, series: String, isMalignant: Bool, cases: [WatchedCase]) {
            (self.name, self.series, self.isMalignant, self.cases) = (name, series, isMalignant, cases)
        }

        /// A run of which every ten consecutive fields could be a case; all of them where there are fewer.
        public init?(name: String, series: String, isMalignant: Bool, fields: [WatchedField]) {
            let length = WatchedCase.maximumFields
            let starts = fields.count <= length ? 0...0 : 0...(fields.count - length)
            let cases = starts.compactMap { WatchedCase(Array(fields.dropFirst($0).prefix(length))) }
            guard !cases.isEmpty else { return nil }
            self.init(name: name, series: series, isMalignant: isMalignant, cases: cases)
        }
    }

    /// How large the trial is.
    public struct Settings: Sendable, Equatable {
        public var streams = 1000
        /// Cases of a familiar stream.
        public var cases = 300
        /// Control cases of each kind.
        public var controls = 30
        /// Share of the cases of a stream that are of leukaemia.
        public var malignantShare = 0.2
        /// Familiar cases before a change.
        public var before = 50
        /// Cases after a change for which the stream is followed; where it grows from day to day, at least until the last day.
        public var after = 300
        /// Cases of one day, where a change grows from day to day.
        public var casesPerDay = 5

        public init() {}
    }

    /// What familiar streams came to.
    public struct Familiar: Sendable, Equatable, Codable {
        public let streams: Int
        public let casesEach: Int
        /// Streams with an alarm.
        public let alarms: Int
        public let novelty: Int
        public let evidence: Int
    }

    /// What streams with a change came to.
    public struct Changed: Sendable, Equatable, Codable {
        public let name: String
        /// Cases of one day, where it grew from day to day; nil for a change at once.
        public let casesPerDay: Int?
        /// Streams without an alarm before the change.
        public let streams: Int
        /// Of these, those in which it was noticed.
        public let noticed: Int
        /// Cases from the change to the alarm, in half of the streams; nil where fewer noticed it.
        public let medianCases: Int?
        /// The same in nine of ten.
        public let ninetiethCases: Int?
    }

    private let runs: [Run]
    public let settings: Settings

    public init(_ runs: [Run], settings: Settings = Settings()) { (self.runs, self.settings) = (runs, settings) }

    /// Streams of the same runs as the control fields.
    public func familiar(using random: inout some RandomNumberGenerator) -> Familiar {
        let pool = Pool(runs)
        var alarms: [SiteWatch.Alarm] = []
        for _ in 0..<settings.streams {
            var watch = SiteWatch(controls: controls(of: pool, &random))
            for _ in 0..<settings.cases {
                guard let alarm = step(&watch, pool, &random) else { continue }
                alarms.append(alarm)
                break
            }
        }
        return Familiar(
            streams: settings.streams, casesEach: settings.cases, alarms: alarms.count,
            novelty: alarms.count { $0 == .novelty }, evidence: alarms.count { $0 == .evidence })
    }

    /// Streams that begin with familiar cases and go on with a series that the control fields have nothing of.
    ///
    /// - Parameter strange: Runs of the series as a model answers them that had nothing of it in training; nil to take them as
    ///   they are in the other runs' table.
    /// - Returns: Nil where the other series have nothing to begin with, or there is no such series.
    public func changed(
        to series: String, in strange: [Run]? = nil, using random: inout some RandomNumberGenerator
    ) -> Changed? {
        let other = runs.filter { $0.series != series }
        let left = (strange ?? runs).filter { $0.series == series }
        guard !other.isEmpty, !left.isEmpty else { return nil }
        let after = Pool(left)
        return changed(named: series, from: Pool(other), using: &random) { _ in after }
    }

    /// Streams that begin with familiar cases and change from day to day.
    ///
    /// - Parameter days: The runs of each day, the first one of the day after the familiar cases; the last day lasts.
    /// - Returns: Nil without days.
    public func drifting(
        named name: String, through days: [[Run]], using random: inout some RandomNumberGenerator
    ) -> Changed? {
        guard let first = days.first(where: { !$0.isEmpty }) else { return nil }
        // A day of which nothing is recorded is like the one before it.
        let pools = days.reduce(into: [Pool]()) { pools, day in
            pools.append(day.isEmpty ? pools.last ?? Pool(first) : Pool(day))
        }
        let perDay = settings.casesPerDay
        return changed(named: name, from: Pool(runs), perDay: perDay, days: pools.count, using: &random) { number in
            pools[min(number / perDay, pools.count - 1)]
        }
    }

    private func changed(
        named name: String, from familiar: Pool, perDay: Int? = nil, days: Int = 0,
        using random: inout some RandomNumberGenerator, _ pool: (Int) -> Pool
    ) -> Changed {
        let after = max(settings.after, (perDay ?? 0) * days)
        var (streams, found): (Int, [Int]) = (0, [])
        for _ in 0..<settings.streams {
            var watch = SiteWatch(controls: controls(of: familiar, &random))
            guard !(0..<settings.before).contains(where: { _ in step(&watch, familiar, &random) != nil }) else {
                continue
            }
            streams += 1
            if let number = (0..<after).first(where: { step(&watch, pool($0), &random) != nil }) {
                found.append(number + 1)
            }
        }
        found.sort()
        func quantile(_ share: Double) -> Int? {
            let place = Int((share * Double(streams)).rounded(.up)) - 1
            return found.indices.contains(place) ? found[place] : nil
        }
        return Changed(
            name: name, casesPerDay: perDay, streams: streams, noticed: found.count, medianCases: quantile(0.5),
            ninetiethCases: quantile(0.9))
    }

    private func step(
        _ watch: inout SiteWatch, _ pool: Pool, _ random: inout some RandomNumberGenerator
    ) -> SiteWatch.Alarm? {
        let isMalignant = Self.share(&random) <= settings.malignantShare
        let drawn = pool.drawCase(isMalignant: isMalignant, &random)
        return watch.add(drawn, coins: (Self.share(&random), Self.share(&random))).alarm
    }

    private func controls(of pool: Pool, _ random: inout some RandomNumberGenerator) -> [WatchedCase] {
        [true, false].filter(pool.has).flatMap { isMalignant in
            (0..<settings.controls).map { _ in pool.drawCase(isMalignant: isMalignant, &random) }
        }
    }

    /// Above 0, up to 1.
    private static func share(_ random: inout some RandomNumberGenerator) -> Double {
        Double((random.next() >> 11) + 1) / Double(UInt64(1) << 53)
    }

    /// Runs to draw from, each kind by itself.
    private struct Pool {
        private let malignant: [Run]
        private let others: [Run]

        /// - Parameter runs: Not empty.
        init(_ runs: [Run]) { (malignant, others) = (runs.filter(\.isMalignant), runs.filter { !$0.isMalignant }) }

        func has(_ isMalignant: Bool) -> Bool { !(isMalignant ? malignant : others).isEmpty }

        /// Every run as often as another; of the other kind where there is none of this.
        func drawCase(isMalignant: Bool, _ random: inout some RandomNumberGenerator) -> WatchedCase {
            let wanted = isMalignant ? malignant : others
            let runs = wanted.isEmpty ? malignant + others : wanted
            let cases = runs[Self.below(runs.count, &random)].cases
            return cases[Self.below(cases.count, &random)]
        }

        private static func below(_ bound: Int, _ random: inout some RandomNumberGenerator) -> Int {
            Int(random.next().multipliedFullWidth(by: UInt64(bound)).high)
        }
    }
}
