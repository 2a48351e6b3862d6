import Datasets
import Imaging
import Randomness

/// Frames of runs that are known, as a laboratory's list would number them.
struct DrawnRuns {
    private(set) var frames: [RunFrame] = []
    /// The true run of each frame.
    private(set) var truth: [String] = []
    private var random = SplitMix64(seed: 3)

    /// Frames `numbers` of a class; the run of each by its place in the rhythm.
    ///
    /// - Parameters:
    ///   - rhythm: Runs that take turns, as places in `looks`.
    ///   - looks: What a run's figures are about, in units of ten noises.
    ///   - drift: How far a run's figures have moved by its last number, in noises.
    mutating func add(
        label: Int = 0, _ numbers: ClosedRange<Int>, rhythm: [Int], looks: [Double], drift: Double = 0,
        bar: ImageBackdrop.ScaleBar = .small
    ) {
        for number in numbers {
            let run = rhythm[(number - numbers.lowerBound) % rhythm.count]
            let moved = drift * Double(number - numbers.lowerBound) / Double(numbers.count)
            add(label: label, number: number, look: looks[run] * 10 + moved, run: "\(label)-\(run)", bar: bar)
        }
    }

    /// One frame.
    mutating func add(
        label: Int = 0, number: Int, look: Double, run: String, group: Int? = nil,
        bar: ImageBackdrop.ScaleBar = .small
    ) {
        let values = ImageBackdrop.names.indices.map { figure in
            (figure % 2 == 0 ? look : look / 2) + normal()
        }
        let backdrop = ImageBackdrop(values: values, scaleBar: bar)
        frames.append(RunFrame(number: number, label: label, group: group ?? frames.count, backdrop: backdrop))
        truth.append(run)
    }

    /// About normal, deviation 1: twelve uniform draws less their mean.
    private mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + random.nextUnit() } }

    /// The inferred run of each frame, `nil` where none could be told.
    var inferred: [String?] { RunInference().assign(frames).map(\.run) }
}
