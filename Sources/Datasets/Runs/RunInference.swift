import Findings
import Imaging

/// Finds the acquisition runs of a data set whose people are not known.
///
/// Files that were numbered along an alphabetical list hold a few runs (a slide, a sitting at the microscope, a person) that
/// alternate, so images of one run follow each other at a fixed lag and look alike in all that is not a cell. In each class:
/// 1. frames at most `window` numbers apart are joined by average linkage of their looks (`RunClusters`), and parts whose
///    frames take turns are divided again;
/// 2. parts whose looks occur in each other become one run, wherever their numbers lie, and what comes at no steady lag is
///    no run of its own;
/// 3. a hidden Markov model of second order over the numbers, whose states are the runs, settles every frame by its look
///    and by what came before and after (`RunRhythm`).
///
/// Where it is unclear whether two runs are one, they are made one: two names for one run would leak, one name for two does
/// not.
public struct RunInference: Sendable {
    /// What is set by hand; looked at on contact sheets and by `RunStability`. On 2,606 fields the runs are the same for links of
    /// 3.1 to 3.4 and merges of 1.4 to 1.6; below, long runs are divided.
    public struct Settings: Sendable, Equatable, Codable {
        /// Figures of `ImageBackdrop/values` that count.
        public var figures = Array(ImageBackdrop.names.indices)
        /// Frames farther apart than this many numbers say nothing about each other when parts are joined.
        public var window = 40
        /// Largest mean distance of looks, in noises, of parts that are joined.
        public var link = 3.2
        /// Largest distance of looks, in noises, from one part to the nearest of another that make them one run.
        public var merge = 1.4
        /// The same as a multiple of the distance within the part.
        public var mergeRatio = 1.2
        /// Of `link`, what parts are looked for with whose frames take turns.
        public var closerLink = 0.8
        /// Least share of frames that take turns with those of the other part, in parts that are divided again.
        public var minimumAlternation = 0.6
        /// What another scale bar adds to a squared distance.
        public var barPenalty = 3.0
        /// Fewest frames of a part that may be a run.
        public var minimumSize = 5
        /// Least share of steady lags of a run.
        public var minimumRegularity = 0.5
        /// Least probability of a run from which on a frame is assigned.
        public var certainty = 0.9

        public init() {}
    }

    /// The run of one frame.
    public struct Assignment: Sendable, Equatable {
        /// Class key and a number by first appearance, such as `pre-b-2`; nil for a frame that cannot be assigned.
        public let run: String?
        /// Probability of the likeliest run, 0 to 1.
        public let certainty: Double
    }

    public let settings: Settings

    public init(settings: Settings = Settings()) {
        self.settings = settings
    }

    /// - Returns: One assignment a frame, in their order. All of a duplicate group have the same.
    public func assign(_ frames: [RunFrame]) -> [Assignment] {
        let scale = RunLookScale(frames, figures: settings.figures)
        var assignments = [Assignment](repeating: .init(run: nil, certainty: 0), count: frames.count)
        for label in SmearClass.allCases.indices {
            let positions = frames.indices.filter { frames[$0].label == label }
            guard !positions.isEmpty else { continue }
            let sequence = RunSequence(frames, positions: positions, scale: scale)
            for (place, assignment) in assign(sequence, key: SmearClass.keys[label]).enumerated() {
                assignments[sequence.positions[place]] = assignment
            }
        }
        return assignments
    }

    private func assign(_ sequence: RunSequence, key: String) -> [Assignment] {
        let states = RunClusters(sequence, settings: settings).runs
        let settled = RunRhythm(sequence, states: states, settings: settings).probabilities
        let groups = Self.together(settled, groups: sequence.groups)
        let chosen = groups.map { probabilities in
            probabilities.indices.max { (probabilities[$0], -$0) < (probabilities[$1], -$1) } ?? 0
        }
        var names: [Int: String] = [:]
        return zip(chosen, groups).map { run, probabilities in
            guard probabilities[run] >= settings.certainty else {
                return Assignment(run: nil, certainty: probabilities[run])
            }
            let name = names[run] ?? "\(key)-\(names.count + 1)"
            names[run] = name
            return Assignment(run: name, certainty: probabilities[run])
        }
    }

    /// The mean over the frames of a duplicate group, which are one picture, for each of them.
    private static func together(_ probabilities: [[Double]], groups: [Int]) -> [[Double]] {
        let members = Dictionary(grouping: groups.indices, by: { groups[$0] })
        let means = members.mapValues { places in
            (0..<(probabilities.first?.count ?? 0)).map { run in
                places.reduce(0) { $0 + probabilities[$1][run] } / Double(places.count)
            }
        }
        return groups.map { means[$0] ?? [] }
    }
}
