import Randomness

extension Split {
    /// A validation part inside the training part: in each class, a few contiguous runs of file numbers.
    ///
    /// Runs, not single images, for the reason that the folds are blocks: neighbours are often of one sample. Where all
    /// images have a patient, whole patients are taken instead. Groups stay whole.
    ///
    /// - Parameters:
    ///   - training: Positions in `Dataset/items` to choose from; no other position is looked at.
    ///   - fraction: Share of each class to take, between 0 and 1.
    ///   - runs: Number of runs in each class, evenly spaced.
    ///   - seed: Turns where the runs begin.
    /// - Returns: Positions for validation, in rising order; never all of `training`.
    /// - Throws: `DatasetError` `impossibleSplit` when the fraction or the training part leaves one side empty.
    public static func validation(
        of training: [Int], in dataset: Dataset, fraction: Double = 0.15, runs: Int = 2, seed: UInt64 = 0
    ) throws -> [Int] {
        guard fraction > 0, fraction < 1, runs > 0 else {
            throw DatasetError(.impossibleSplit, "a validation share of \(fraction) in \(runs) runs is impossible")
        }
        let items = dataset.items
        let hasPatients = training.allSatisfy { items[$0].patient != nil }
        let chosen =
            hasPatients
            ? try patientsChosen(training, items, fraction: fraction, seed: seed)
            : runsChosen(training, items, fraction: fraction, runs: runs, seed: seed)
        guard !chosen.isEmpty, chosen.count < training.count else {
            throw DatasetError(
                .impossibleSplit, "\(training.count) training images leave nothing on one side of \(fraction)")
        }
        return chosen
    }

    private static func runsChosen(
        _ training: [Int], _ items: [Dataset.Item], fraction: Double, runs: Int, seed: UInt64
    ) -> [Int] {
        var random = SplitMix64(seed: seed)
        var wanted = [Int](repeating: 0, count: items.count)
        for positions in byClass(items, among: training) where !positions.isEmpty {
            let runs = min(runs, positions.count)
            let turn = Double(random.next(below: 1 << 20)) / Double(1 << 20)
            for (rank, position) in positions.enumerated() {
                let place = Double(rank) / Double(positions.count) * Double(runs) + turn
                wanted[position] = place - place.rounded(.down) < fraction ? 1 : 0
            }
        }
        return chosen(training, wanted: wanted, units: items.map(\.group))
    }

    private static func patientsChosen(
        _ training: [Int], _ items: [Dataset.Item], fraction: Double, seed: UInt64
    ) throws -> [Int] {
        let members = training.map { items[$0] }
        let units = try patientUnits(members)
        let count = min(max(2, Int((1 / fraction).rounded())), max(2, Set(units).count))
        let folds = balancedFolds(members, units: units, count: count, seed: seed)
        return zip(training, folds).compactMap { $1 == 0 ? $0 : nil }.sorted()
    }

    private static func chosen(_ training: [Int], wanted: [Int], units: [Int]) -> [Int] {
        let settled = majority(of: training.map { wanted[$0] }, in: training.map { units[$0] })
        return zip(training, settled).compactMap { $1 == 1 ? $0 : nil }.sorted()
    }
}
