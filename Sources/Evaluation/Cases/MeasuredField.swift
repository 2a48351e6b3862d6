import Findings
import Randomness

/// What a model answered to one labelled field of view.
public struct MeasuredField: Sendable, Equatable {
    /// The acquisition run, or the drawn smear, that it is of: fields of one are drawn together.
    public let run: String
    /// Whether it is of leukaemia.
    public let isMalignant: Bool
    public let decision: Decision
    /// The most probable class.
    public let label: SmearClass
    /// What its white cells came to; nil for a model that reads none.
    public let cells: CellFindings.Counts?

    public init(
        run: String, isMalignant: Bool, decision: Decision, label: SmearClass, cells: CellFindings.Counts?
    ) {
        (self.run, self.isMalignant, self.decision) = (run, isMalignant, decision)
        (self.label, self.cells) = (label, cells)
    }

    var isReportedMalignant: Bool { decision == .report && label.isMalignant }
    var isReportedBenign: Bool { decision == .report && !label.isMalignant }
}

/// Sets of fields as cases bring them, drawn from measured ones.
public struct PseudoCases: Sendable {
    /// What a rule looks at in one set.
    public struct Drawn: Sendable, Equatable {
        /// Which run it is of.
        let run: Int
        /// Fields that are reported malignant.
        public let reported: Int
        /// Whether every field is reported benign.
        public let isAllBenign: Bool
        /// The lower 95 % limit of the evidence of all cells together, in log-odds; nil without cells.
        public let lower: Double?

        /// Whether a rule calls it urgently.
        public func isUrgent(witnesses: Int, cellLimit: Double?) -> Bool {
            reported + (reported > 0 && speaks(cellLimit) ? 1 : 0) >= max(1, witnesses)
        }

        /// Whether the cells are a witness.
        public func speaks(_ cellLimit: Double?) -> Bool {
            if let lower, let cellLimit { lower > cellLimit } else { false }
        }
    }

    /// Fields of each set.
    public let fields: Int
    public let drawn: [Drawn]
    /// How many sets the images of all runs would fill without any of them twice.
    public let distinctSets: Int
    private let runs: Int

    /// Draws as many sets of each run, without a field twice in one. Images that were declined are in none: a set is one of
    /// usable fields.
    ///
    /// - Parameters:
    ///   - measured: All fields.
    ///   - isMalignant: Those with leukaemia, or those without.
    ///   - fields: Of a set, at least 1.
    ///   - count: Of sets, rounded up to as many of each run.
    ///   - field: Makes evidence of cells; nil where none are read.
    ///   - seed: Of the draw.
    /// - Returns: Nil where no run has so many fields.
    public init?(
        of measured: [MeasuredField], isMalignant: Bool, fields: Int, count: Int, field: FieldModel?, seed: UInt64
    ) {
        precondition(fields >= 1 && count >= 1, "a set has a field at least")
        let runs = Self.runs(of: measured, isMalignant: isMalignant, least: fields)
        guard !runs.isEmpty else { return nil }
        var random = SplitMix64(seed: seed &+ UInt64(fields) &* 2 &+ (isMalignant ? 1 : 0))
        let each = (count + runs.count - 1) / runs.count
        drawn = runs.enumerated().flatMap { run, members in
            (0..<each).map { _ in
                Drawn(run: run, Self.draw(fields, of: members, &random), field: field)
            }
        }
        (self.fields, self.runs) = (fields, runs.count)
        distinctSets = runs.reduce(0) { $0 + $1.count / fields }
    }

    /// Sets that have so many fields with leukaemia among fields without, each part of one run: a disease that few fields
    /// show.
    public init?(
        of measured: [MeasuredField], malignant: Int, fields: Int, count: Int, field: FieldModel?, seed: UInt64
    ) {
        let ill = Self.runs(of: measured, isMalignant: true, least: malignant)
        let well = Self.runs(of: measured, isMalignant: false, least: fields - malignant)
        guard !ill.isEmpty, !well.isEmpty else { return nil }
        var random = SplitMix64(seed: seed &+ UInt64(malignant) &* 1009)
        drawn = (0..<count).map { number in
            let run = number % ill.count
            let members =
                Self.draw(malignant, of: ill[run], &random)
                + Self.draw(fields - malignant, of: well[random.next(below: well.count)], &random)
            return Drawn(run: run, members, field: field)
        }
        (self.fields, self.runs) = (fields, ill.count)
        distinctSets = ill.reduce(0) { $0 + $1.count / max(malignant, 1) }
    }

    /// The usable fields of each run that has enough of them, by name.
    private static func runs(of measured: [MeasuredField], isMalignant: Bool, least: Int) -> [[MeasuredField]] {
        let usable = measured.filter { $0.isMalignant == isMalignant && $0.decision != .rejected }
        return Dictionary(grouping: usable, by: \.run).sorted { $0.key < $1.key }.map(\.value)
            .filter { $0.count >= least }
    }

    private static func draw(
        _ count: Int, of members: [MeasuredField], _ random: inout SplitMix64
    ) -> [MeasuredField] {
        var places = Array(members.indices)
        return (0..<count).map { taken in
            let other = taken + random.next(below: places.count - taken)
            places.swapAt(taken, other)
            return members[places[taken]]
        }
    }

    /// The share of sets that something holds for, every run counting the same, with its 95 % interval: that of a bootstrap
    /// over runs (percentiles; of one run there is none), and never narrower than the score interval (Wilson 1927) of as many
    /// sets as the images would fill without any of them twice. So a rate of 0 has an upper end.
    public func rate(resamples: Int = 2000, seed: UInt64 = 20_210_423, _ holds: (Drawn) -> Bool) -> VerdictRule.Rate {
        var found = [(holding: Int, all: Int)](repeating: (0, 0), count: runs)
        for one in drawn {
            found[one.run].all += 1
            if holds(one) { found[one.run].holding += 1 }
        }
        let shares = found.map { Double($0.holding) / Double(max($0.all, 1)) }
        let value = shares.reduce(0, +) / Double(shares.count)
        let counted = CountedShare(count: value * Double(distinctSets), total: distinctSets).interval
        var random = SplitMix64(seed: seed)
        let means = (0..<(runs > 1 ? resamples : 0)).map { _ in
            (0..<runs).reduce(0) { sum, _ in sum + shares[random.next(below: runs)] } / Double(runs)
        }.sorted()
        let ends = means.isEmpty ? [value] : [0.025, 0.975].map { GroupBootstrap.quantile($0, of: means) }
        return .init(
            value: value, low95: ends.reduce(min(value, counted.lowerBound), min),
            high95: ends.reduce(max(value, counted.upperBound), max))
    }
}

extension PseudoCases.Drawn {
    init(run: Int, _ members: [MeasuredField], field: FieldModel?) {
        let cells = members.compactMap(\.cells)
        self.init(
            run: run, reported: members.count(where: \.isReportedMalignant),
            isAllBenign: members.allSatisfy(\.isReportedBenign),
            lower: cells.isEmpty ? nil : field?.evidence(ofCase: cells).lower)
    }
}
