import Imaging

/// One image as the inference of runs sees it.
public struct RunFrame: Sendable {
    /// The number in the file's name; the place among the files where names have none.
    public let number: Int
    /// The class, 0...3. A run lies within a class: a person has one diagnosis.
    public let label: Int
    /// Number of the duplicate group.
    public let group: Int
    public let backdrop: ImageBackdrop

    public init(number: Int, label: Int, group: Int, backdrop: ImageBackdrop) {
        (self.number, self.label, self.group, self.backdrop) = (number, label, group, backdrop)
    }
}

/// The frames of one class in the order of their numbers, with their distances.
struct RunSequence: Sendable {
    /// Where each frame stands in the list that was given.
    let positions: [Int]
    /// In rising order.
    let numbers: [Int]
    let bars: [ImageBackdrop.ScaleBar]
    let groups: [Int]
    /// `[N * N]`: squared distance of two looks, a mean over the figures, each in noises and at most `cap` of them.
    private let squares: [Float]

    /// Beyond this many noises two figures just differ: one spoilt picture shall not stretch a distance.
    private static let cap = 6.0

    init(_ frames: [RunFrame], positions: [Int], scale: RunLookScale) {
        let ordered = positions.sorted { (frames[$0].number, $0) < (frames[$1].number, $1) }
        self.positions = ordered
        numbers = ordered.map { frames[$0].number }
        bars = ordered.map { frames[$0].backdrop.scaleBar }
        groups = ordered.map { frames[$0].group }
        let looks = ordered.map { scale.look(of: frames[$0].backdrop) }
        var squares = [Float](repeating: 0, count: looks.count * looks.count)
        for first in looks.indices {
            for second in 0..<first {
                let square = Float(Self.square(looks[first], looks[second]))
                squares[first * looks.count + second] = square
                squares[second * looks.count + first] = square
            }
        }
        self.squares = squares
    }

    var count: Int { numbers.count }

    /// Squared distance of the looks of two frames.
    func square(_ first: Int, _ second: Int) -> Double { Double(squares[first * count + second]) }

    /// The same with what another scale bar adds.
    func square(_ first: Int, _ second: Int, barPenalty: Double) -> Double {
        square(first, second) + (bars[first] == bars[second] ? 0 : barPenalty)
    }

    private static func square(_ first: [Double], _ second: [Double]) -> Double {
        var sum = 0.0
        for index in first.indices {
            let difference = min(abs(first[index] - second[index]), cap)
            sum += difference * difference
        }
        return first.isEmpty ? 0 : sum / Double(first.count)
    }
}

/// How much each figure of a look varies within a run, by which figures become comparable.
struct RunLookScale: Sendable {
    /// Which figures of `ImageBackdrop/values` count.
    let figures: [Int]
    private let noises: [Double]

    /// Frames in which the rhythm is taken to be one.
    private static let stretch = 60

    /// The noise of a figure is what neighbours of one run differ by. Which neighbours are of one run is not known, but at
    /// the lag of the rhythm most are: so the least median difference over the lags 1 to 4 in each stretch, and of that the
    /// median over the stretches of a class, and over the classes.
    init(_ frames: [RunFrame], figures: [Int]) {
        self.figures = figures
        let classes = Dictionary(grouping: frames, by: \.label).values.filter { $0.count > 8 }.map { members in
            members.sorted { $0.number < $1.number }
        }
        noises = figures.map { figure in
            let found = classes.map { members in
                stride(from: 0, to: max(1, members.count - Self.stretch / 2), by: Self.stretch).map { start in
                    let values = members.dropFirst(start).prefix(Self.stretch).map { $0.backdrop.values[figure] }
                    return (1...4).map { lag in zip(values.dropFirst(lag), values).map { abs($0 - $1) }.median }.min()
                        ?? 0
                }.median
            }
            // 1.4826 median absolute deviations are a standard deviation, and a difference has twice the variance of a value.
            return max(found.median * 1.4826 / 2.0.squareRoot(), 1e-3)
        }
    }

    /// The figures in noises.
    func look(of backdrop: ImageBackdrop) -> [Double] {
        zip(figures, noises).map { backdrop.values[$0] / $1 }
    }
}

extension [Double] {
    /// The middle of the values, the mean of two where their number is even; 0 of none.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
