import Findings
import Imaging
import Randomness

/// How much of the inferred runs remains when less is known: half of the images, or fewer figures.
public struct RunStability: Sendable, Equatable, Codable {
    /// One inference from less.
    public struct Trial: Sendable, Equatable, Codable {
        /// What it was made of.
        public let name: String
        /// Adjusted Rand index with the inference from everything, over the images of both, by class key.
        public let agreement: [String: Double]
        /// Mean over the classes, weighted by their images.
        public let mean: Double
    }

    /// From a random half of the stretches of `stretch` numbers.
    public let halves: [Trial]
    /// Without some of what is measured.
    public let without: [Trial]
    /// Means of the means.
    public let halvesMean: Double
    public let withoutMean: Double

    /// Numbers that are left in or out together: without neighbours no rhythm could be seen.
    public static let stretch = 12

    /// What is left out in turn, as figures of `ImageBackdrop/values`.
    private static let parts: [(name: String, figures: Range<Int>)] = [
        ("without the ground's colour", 0..<3), ("without the red cells' colour", 3..<6),
        ("without the red cells' spread", 6..<9), ("without detail", 9..<11),
    ]

    /// - Parameters:
    ///   - frames: All images.
    ///   - assignments: The inference from everything.
    ///   - settings: Of that inference.
    ///   - trials: Number of random halves.
    ///   - seed: Starts the draw of the halves.
    public init(
        _ frames: [RunFrame], assignments: [RunInference.Assignment], settings: RunInference.Settings = .init(),
        trials: Int = 8, seed: UInt64 = 1
    ) {
        halves = (0..<trials).map { trial in
            var random = SplitMix64(seed: seed, UInt64(trial))
            let chosen = Self.half(of: frames, &random)
            return Trial(
                "half \(trial + 1)", frames, chosen: chosen, full: assignments,
                RunInference(settings: settings).assign(chosen.map { frames[$0] }))
        }
        var trials = Self.parts.map { part in
            var less = settings
            less.figures = settings.figures.filter { !part.figures.contains($0) }
            return Trial(
                part.name, frames, chosen: Array(frames.indices), full: assignments,
                RunInference(settings: less).assign(frames))
        }
        var less = settings
        less.barPenalty = 0
        trials.append(
            Trial(
                "without the scale bar", frames, chosen: Array(frames.indices), full: assignments,
                RunInference(settings: less).assign(frames)))
        without = trials
        halvesMean = Self.mean(halves)
        withoutMean = Self.mean(without)
    }

    /// Every second of the shuffled stretches of each class.
    private static func half(of frames: [RunFrame], _ random: inout SplitMix64) -> [Int] {
        var chosen: [Int] = []
        for label in SmearClass.allCases.indices {
            let own = frames.indices.filter { frames[$0].label == label }
            var stretches = Set(own.map { frames[$0].number / stretch }).sorted()
            random.shuffle(&stretches)
            let kept = Set(stretches.prefix((stretches.count + 1) / 2))
            chosen += own.filter { kept.contains(frames[$0].number / stretch) }
        }
        return chosen.sorted()
    }

    private static func mean(_ trials: [Trial]) -> Double {
        trials.isEmpty ? 1 : trials.reduce(0) { $0 + $1.mean } / Double(trials.count)
    }
}

extension RunStability.Trial {
    /// - Parameters:
    ///   - chosen: Positions in `frames` that were used.
    ///   - full: One assignment a frame.
    ///   - found: One assignment a chosen frame.
    fileprivate init(
        _ name: String, _ frames: [RunFrame], chosen: [Int], full: [RunInference.Assignment],
        _ found: [RunInference.Assignment]
    ) {
        let agreement = RunAgreement(
            labels: chosen.map { frames[$0].label },
            runs: chosen.map { full[$0].run ?? SampleFacts.unassigned },
            others: found.map { $0.run ?? SampleFacts.unassigned })
        (self.name, self.agreement, mean) = (name, agreement.byClass, agreement.mean)
    }
}

/// How well runs agree with another table of the same images.
public struct RunAgreement: Sendable, Equatable, Codable {
    /// Images that both know.
    public let images: Int
    /// Adjusted Rand index by class key.
    public let byClass: [String: Double]
    /// Mean over the classes, weighted by their images.
    public let mean: Double

    /// - Parameters:
    ///   - labels: The class of each image.
    ///   - runs: The run of each image.
    ///   - others: What the other table says of each image.
    public init(labels: [Int], runs: [String], others: [String]) {
        var byClass: [String: Double] = [:]
        var sum = 0.0
        for label in Set(labels).sorted() {
            let own = labels.indices.filter { labels[$0] == label }
            let value = AdjustedRandIndex.value(own.map { runs[$0] }, own.map { others[$0] })
            byClass[SmearClass.keys[label]] = value
            sum += value * Double(own.count)
        }
        self.byClass = byClass
        images = labels.count
        mean = labels.isEmpty ? 1 : sum / Double(labels.count)
    }

    /// - Parameters:
    ///   - dataset: With runs in its manifest.
    ///   - table: Something by file, named as the source of the images.
    public init(_ dataset: Dataset, with table: [String: String]) {
        let known = dataset.manifest.entries.compactMap { entry in
            table[entry.source].map { (entry.label, entry.run ?? SampleFacts.unassigned, $0) }
        }
        self.init(labels: known.map(\.0), runs: known.map(\.1), others: known.map(\.2))
    }
}
