import Foundation

/// A hidden Markov model over the file numbers of one class, whose states are the runs.
///
/// What a frame looks like under a run is a density around the frames of that run, near numbers counting more, since a run
/// drifts. What follows what is of second order: two frames back tell where in the rhythm one is, its period and its phase.
/// Both are estimated and the frames settled in turn (hard expectation maximisation); probabilities are those of the forward
/// and backward pass (Rabiner 1989, section III).
struct RunRhythm {
    /// `[frame][run]`, each row sums to 1.
    let probabilities: [[Double]]

    /// How fast a frame of the same run stops telling, in numbers.
    private static let reach = 20.0
    /// What a frame tells however far away it is.
    private static let farWeight = 1e-3
    /// Independent figures among those of a look, which go together.
    private static let freedom = 4.0
    private static let rounds = 10

    init(_ sequence: RunSequence, states: [[Int]], settings: RunInference.Settings) {
        guard states.count > 1 else {
            probabilities = Array(repeating: [1], count: sequence.count)
            return
        }
        var runs = [Int?](repeating: nil, count: sequence.count)
        for (run, members) in states.enumerated() { for member in members { runs[member] = run } }
        let likeness = Self.likeness(sequence, settings)
        var found: [[Double]] = []
        for _ in 0..<Self.rounds {
            let looks = Self.looks(sequence, runs: runs, count: states.count, likeness: likeness)
            let transitions = Transitions(sequence.numbers, runs: runs, count: states.count)
            found = Self.settle(sequence.numbers, looks: looks, transitions)
            let next: [Int?] = found.map { row in row.indices.max { (row[$0], -$0) < (row[$1], -$1) } }
            guard next != runs else { break }
            runs = next
        }
        probabilities = found
    }

    /// `[N * N]`: how well one frame speaks for another, by nearness in number (`weight`) and by look (`weight * density`).
    private static func likeness(
        _ sequence: RunSequence, _ settings: RunInference.Settings
    ) -> [(weight: Double, density: Double)] {
        let count = sequence.count
        var likeness = [(weight: Double, density: Double)](repeating: (0, 0), count: count * count)
        for first in 0..<count {
            for second in 0..<count where second != first {
                let gap = Double(abs(sequence.numbers[first] - sequence.numbers[second]))
                let weight = exp(-gap / reach) + farWeight
                let square = sequence.square(first, second, barPenalty: settings.barPenalty)
                likeness[first * count + second] = (weight, weight * (exp(-freedom / 2 * square) + 1e-9))
            }
        }
        return likeness
    }

    /// `[frame][run]`: logarithm of the density of the frame's look among the other frames of the run.
    private static func looks(
        _ sequence: RunSequence, runs: [Int?], count: Int, likeness: [(weight: Double, density: Double)]
    ) -> [[Double]] {
        (0..<sequence.count).map { frame in
            var weights = [Double](repeating: 0, count: count), densities = weights
            for (other, run) in runs.enumerated() {
                guard let run else { continue }
                let pair = likeness[frame * sequence.count + other]
                weights[run] += pair.weight
                densities[run] += pair.density
            }
            return zip(weights, densities).map { log($1 / max($0, 1e-12) + 1e-12) }
        }
    }

    /// Forward and backward pass over pairs of runs: that of the frame before and that of the frame.
    private static func settle(_ numbers: [Int], looks: [[Double]], _ transitions: Transitions) -> [[Double]] {
        let count = transitions.count
        let steps = numbers.indices.map { transitions.step(to: $0, of: numbers) }
        var forward = [[Double]](repeating: [], count: numbers.count)
        forward[0] = (0..<count * count).map { looks[0][$0 % count] + transitions.prior[$0 % count] }
        for frame in numbers.indices.dropFirst() {
            let before = forward[frame - 1]
            forward[frame] = (0..<count * count).map { pair in
                let (middle, run) = (pair / count, pair % count)
                let incoming = (0..<count).map {
                    before[$0 * count + middle] + steps[frame].value($0, middle, run, transitions)
                }
                return incoming.logarithmOfSum + looks[frame][run]
            }
        }
        var backward = [Double](repeating: 0, count: count * count)
        var result = [[Double]](repeating: [], count: numbers.count)
        for frame in numbers.indices.reversed() {
            let joint = zip(forward[frame], backward).map { $0 + $1 }
            let total = joint.logarithmOfSum
            result[frame] = (0..<count).map { run in
                (0..<count).reduce(0) { $0 + exp(joint[$1 * count + run] - total) }
            }
            guard frame > 0 else { break }
            let after = backward
            backward = (0..<count * count).map { pair in
                let (first, middle) = (pair / count, pair % count)
                return (0..<count).map { run in
                    steps[frame].value(first, middle, run, transitions) + looks[frame][run]
                        + after[middle * count + run]
                }.logarithmOfSum
            }
        }
        return result
    }
}

/// How often which run follows which two, as logarithms of probabilities.
private struct Transitions {
    /// What is known of the step to a frame: files that are missing break the rhythm.
    enum Step {
        case afterTwo, afterOne, anew

        func value(_ first: Int, _ middle: Int, _ run: Int, _ transitions: Transitions) -> Double {
            let count = transitions.count
            return switch self {
            case .afterTwo: transitions.second[(first * count + middle) * count + run]
            case .afterOne: transitions.first[middle * count + run]
            case .anew: transitions.prior[run]
            }
        }
    }

    let count: Int
    private(set) var prior: [Double]
    private(set) var first: [Double]
    private(set) var second: [Double]

    init(_ numbers: [Int], runs: [Int?], count: Int) {
        self.count = count
        // Half an observation of everything (Jeffreys 1946), so that nothing is impossible.
        prior = [Double](repeating: 0.5, count: count)
        first = [Double](repeating: 0.5, count: count * count)
        second = [Double](repeating: 0.5, count: count * count * count)
        for (frame, run) in runs.enumerated() {
            guard let run else { continue }
            prior[run] += 1
            guard frame > 0, numbers[frame] == numbers[frame - 1] + 1, let before = runs[frame - 1] else { continue }
            first[before * count + run] += 1
            guard frame > 1, numbers[frame - 1] == numbers[frame - 2] + 1, let earlier = runs[frame - 2] else {
                continue
            }
            second[(earlier * count + before) * count + run] += 1
        }
        prior = Self.logarithms(prior, rows: count)
        first = Self.logarithms(first, rows: count)
        second = Self.logarithms(second, rows: count)
    }

    func step(to frame: Int, of numbers: [Int]) -> Step {
        guard frame > 0, numbers[frame] == numbers[frame - 1] + 1 else { return .anew }
        return frame > 1 && numbers[frame - 1] == numbers[frame - 2] + 1 ? .afterTwo : .afterOne
    }

    private static func logarithms(_ counts: [Double], rows length: Int) -> [Double] {
        counts.indices.map { place in
            let start = place / length * length
            return log(counts[place] / counts[start..<start + length].reduce(0, +))
        }
    }
}

extension [Double] {
    /// log Σ exp, without overflow.
    fileprivate var logarithmOfSum: Double {
        guard let largest = self.max(), largest.isFinite else { return -.infinity }
        return largest + log(reduce(0) { $0 + exp($1 - largest) })
    }
}
