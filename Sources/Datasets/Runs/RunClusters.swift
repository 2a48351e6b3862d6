/// The runs of one class as far as looks tell them, each a list of places in the sequence; the surest frames only.
struct RunClusters {
    /// At least one, in order of first appearance. What belongs to none is settled by `RunRhythm`.
    let runs: [[Int]]

    init(_ sequence: RunSequence, settings: RunInference.Settings) {
        let linked = Self.linked(Array(0..<sequence.count), sequence, upTo: settings.link, settings)
        let parts = linked.flatMap { Self.divided($0, sequence, settings) }.filter { $0.count >= settings.minimumSize }
        let merged = Self.merged(parts, sequence, settings)
        let steady = merged.filter { Self.regularity($0, sequence) >= settings.minimumRegularity }
        let found = steady.isEmpty ? [Array(0..<sequence.count)] : steady
        runs = found.map { $0.sorted() }.sorted { $0[0] < $1[0] }
    }

    /// Share of gaps between the numbers of a run that are, within one, as long as the gap before. A run that alternates with
    /// others comes at a steady lag; spoilt pictures come anyhow.
    static func regularity(_ run: [Int], _ sequence: RunSequence) -> Double {
        let numbers = run.map { sequence.numbers[$0] }.sorted()
        let gaps = zip(numbers.dropFirst(), numbers).map { $0 - $1 }
        guard gaps.count > 1 else { return 0 }
        return Double(zip(gaps.dropFirst(), gaps).count { abs($0 - $1) <= 1 }) / Double(gaps.count - 1)
    }

    /// Average linkage (Sokal and Michener 1958) over pairs of frames within the window.
    private static func linked(
        _ frames: [Int], _ sequence: RunSequence, upTo limit: Double, _ settings: RunInference.Settings
    ) -> [[Int]] {
        var linkage = AverageLinkage(count: frames.count)
        for first in frames.indices {
            for second in 0..<first
            where sequence.numbers[frames[first]] - sequence.numbers[frames[second]] <= settings.window {
                let square = sequence.square(frames[first], frames[second], barPenalty: settings.barPenalty)
                linkage.add(first, second, distance: square.squareRoot())
            }
        }
        return linkage.join(upTo: limit).map { $0.map { frames[$0] } }
    }

    /// Two slides of one stain may be near enough to be joined; that their frames take turns gives them away.
    ///
    /// - Returns: The two largest parts of a closer linkage where they alternate, else the part as it is.
    private static func divided(
        _ part: [Int], _ sequence: RunSequence, _ settings: RunInference.Settings
    ) -> [[Int]] {
        let closer = linked(part, sequence, upTo: settings.link * settings.closerLink, settings)
            .sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }.prefix(2)
        guard closer.count == 2, closer[1].count >= settings.minimumSize else { return [part] }
        let first = Set(closer[0]), second = Set(closer[1])
        // Where one of the two has ended or not begun, there is nothing to take turns with.
        let begin = max(closer[0].first ?? 0, closer[1].first ?? 0)
        let end = min(closer[0].last ?? 0, closer[1].last ?? 0)
        let turns = part.filter { $0 >= begin && $0 <= end && (first.contains($0) || second.contains($0)) }
            .map(first.contains)
        let threes = zip(turns, zip(turns.dropFirst(), turns.dropFirst(2)))
        let alternating = threes.count { $0 == $1.1 && $0 != $1.0 }
        let share = Double(alternating) / Double(max(1, turns.count - 2))
        return share >= settings.minimumAlternation ? Array(closer) : [part]
    }

    /// Joins parts as long as the look of one occurs in another, the likest first.
    private static func merged(
        _ parts: [[Int]], _ sequence: RunSequence, _ settings: RunInference.Settings
    ) -> [[Int]] {
        var parts = parts
        func limit(_ part: [Int]) -> Double {
            max(settings.merge, settings.mergeRatio * nearness(part, part, sequence))
        }
        while true {
            let limits = parts.map(limit)
            var best: (share: Double, first: Int, second: Int)?
            for first in parts.indices {
                for second in parts.indices where second != first {
                    let share = nearness(parts[first], parts[second], sequence) / limits[first]
                    if share <= 1, share < best?.share ?? .infinity { best = (share, first, second) }
                }
            }
            guard let best else { return parts }
            parts[best.first] += parts[best.second]
            parts.remove(at: best.second)
        }
    }

    /// Median over the frames of `part` of the mean distance to the three nearest others of `other`.
    private static func nearness(_ part: [Int], _ other: [Int], _ sequence: RunSequence) -> Double {
        part.map { frame in
            var nearest = [Double](repeating: .infinity, count: 3)
            for candidate in other where candidate != frame {
                var square = sequence.square(frame, candidate)
                for place in nearest.indices where square < nearest[place] { swap(&square, &nearest[place]) }
            }
            let found = nearest.filter { $0.isFinite }.map { $0.squareRoot() }
            return found.isEmpty ? .infinity : found.reduce(0, +) / Double(found.count)
        }.median
    }
}

/// Agglomerative clustering by the mean distance of those pairs that are known.
struct AverageLinkage {
    private let count: Int
    private var sums: [Double]
    private var pairs: [Double]

    init(count: Int) {
        self.count = count
        sums = [Double](repeating: 0, count: count * count)
        pairs = sums
    }

    mutating func add(_ first: Int, _ second: Int, distance: Double) {
        for place in [first * count + second, second * count + first] {
            sums[place] += distance
            pairs[place] += 1
        }
    }

    /// - Parameter limit: The largest mean distance of two clusters that are joined.
    /// - Returns: The clusters as lists of elements, in order of their first element.
    mutating func join(upTo limit: Double) -> [[Int]] {
        var members = (0..<count).map { [$0] }
        var alive = Array(0..<count)
        var nearest = alive.map { nearestAbove($0, among: alive) }
        while let first = alive.min(by: { nearest[$0].distance < nearest[$1].distance }),
            nearest[first].distance <= limit
        {
            let second = nearest[first].place
            absorb(second, into: first)
            members[first] += members[second]
            alive.removeAll { $0 == second }
            nearest[first] = nearestAbove(first, among: alive)
            for other in alive where other < second {
                let isStale = nearest[other].place == second || nearest[other].place == first
                if isStale {
                    nearest[other] = nearestAbove(other, among: alive)
                } else if other < first, let distance = mean(other, first), distance < nearest[other].distance {
                    nearest[other] = (first, distance)
                }
            }
        }
        return alive.map { members[$0].sorted() }
    }

    private func mean(_ first: Int, _ second: Int) -> Double? {
        let place = first * count + second
        return pairs[place] > 0 ? sums[place] / pairs[place] : nil
    }

    /// The nearest of the clusters with a higher number; each pair is looked at from its lower end only.
    private func nearestAbove(_ cluster: Int, among alive: [Int]) -> (place: Int, distance: Double) {
        var best = (place: cluster, distance: Double.infinity)
        for other in alive where other > cluster {
            if let distance = mean(cluster, other), distance < best.distance { best = (other, distance) }
        }
        return best
    }

    private mutating func absorb(_ second: Int, into first: Int) {
        for other in 0..<count where other != first && other != second {
            sums[first * count + other] += sums[second * count + other]
            pairs[first * count + other] += pairs[second * count + other]
            sums[other * count + first] = sums[first * count + other]
            pairs[other * count + first] = pairs[first * count + other]
        }
    }
}
