import Findings
import Imaging
import Randomness

/// How alike the stain of two images is that are some file numbers apart: what shows that runs alternate, and that the
/// inferred ones are what alternates.
public struct LagTable: Sendable, Equatable, Codable {
    /// The pairs of one class.
    public struct Row: Sendable, Equatable, Codable {
        public let key: String
        /// Pairs 1, 2, 3 and 4 numbers apart.
        public let lags: [Lag]
        /// Median distance of two images drawn at random.
        public let random: Double?
        /// The same for two of one run, and of two runs; nil where there are none.
        public let withinRuns: Double?
        public let betweenRuns: Double?
    }

    /// All pairs of images so many numbers apart.
    public struct Lag: Sendable, Equatable, Codable {
        public let lag: Int
        public let pairs: Int
        /// Share of the pairs that lie in one run, 0 to 1.
        public let sameRun: Double
        /// Median stain distance: Euclidean, over the colours of ground and red cells in CIE Lab.
        public let median: Double?
        public let withinRuns: Double?
        public let betweenRuns: Double?
    }

    /// In class order.
    public let rows: [Row]

    /// Pairs drawn for the columns that know no lag.
    private static let drawn = 20_000

    /// - Parameters:
    ///   - frames: All images.
    ///   - runs: The run of each, nil where none is known.
    ///   - seed: Starts the draw of random pairs.
    public init(_ frames: [RunFrame], runs: [String?], seed: UInt64 = 1) {
        rows = SmearClass.allCases.indices.compactMap { label in
            let own = frames.indices.filter { frames[$0].label == label }
            return own.count < 2 ? nil : Row(key: SmearClass.keys[label], frames, runs, own: own, seed: seed)
        }
    }

    /// The table in Markdown.
    public var markdown: String {
        func text(_ value: Double?) -> String {
            guard let value else { return "–" }
            let hundredths = Int((value * 100).rounded())
            return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        }
        var lines = [
            "| class | lag 1 | lag 2 | lag 3 | lag 4 | random pair | pair of one run | pair of two runs |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for row in rows {
            let cells = row.lags.map { "\(text($0.median)) (\(Int(($0.sameRun * 100).rounded())) %)" }
            let last = [row.random, row.withinRuns, row.betweenRuns].map(text)
            lines.append("| \(row.key) | \((cells + last).joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate static func distance(_ first: RunFrame, _ second: RunFrame) -> Double {
        zip(first.backdrop.stain, second.backdrop.stain).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
}

extension LagTable.Row {
    fileprivate init(key: String, _ frames: [RunFrame], _ runs: [String?], own: [Int], seed: UInt64) {
        self.key = key
        let places = Dictionary(own.map { (frames[$0].number, $0) }, uniquingKeysWith: { first, _ in first })
        lags = (1...4).map { lag in
            LagTable.Lag(
                lag: lag, frames, runs,
                pairs: own.compactMap { first in places[frames[first].number + lag].map { (first, $0) } })
        }
        var random = SplitMix64(seed: seed)
        let drawn = (0..<LagTable.drawn).compactMap { _ -> (Int, Int)? in
            let pair = (own[random.next(below: own.count)], own[random.next(below: own.count)])
            return pair.0 == pair.1 ? nil : pair
        }
        let all = LagTable.Lag(lag: 0, frames, runs, pairs: drawn)
        (self.random, withinRuns, betweenRuns) = (all.median, all.withinRuns, all.betweenRuns)
    }
}

extension LagTable.Lag {
    fileprivate init(lag: Int, _ frames: [RunFrame], _ runs: [String?], pairs: [(Int, Int)]) {
        func median(_ pairs: [(Int, Int)]) -> Double? {
            pairs.isEmpty ? nil : pairs.map { LagTable.distance(frames[$0.0], frames[$0.1]) }.median
        }
        let known = pairs.filter { runs[$0.0] != nil && runs[$0.1] != nil }
        let within = known.filter { runs[$0.0] == runs[$0.1] }
        (self.lag, self.pairs) = (lag, pairs.count)
        sameRun = pairs.isEmpty ? 0 : Double(within.count) / Double(pairs.count)
        self.median = median(pairs)
        withinRuns = median(within)
        betweenRuns = median(known.filter { runs[$0.0] != runs[$0.1] })
    }
}
