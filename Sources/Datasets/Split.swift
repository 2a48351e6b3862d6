import Randomness

/// How a data set is cut into folds. In every method a duplicate group lies in one fold.
public enum SplitMethod: String, Sendable, Codable, CaseIterable {
    /// Groups of whole acquisition runs: the headline where patients are unknown.
    case runs
    /// Contiguous file numbers in each class. It leaks where runs alternate: neighbours of most test images are in training.
    case blocks
    /// Seeded, stratified by class. It leaks: neighbours of one sample land on both sides; only to compare with papers.
    case random
    /// All images of a patient in one fold.
    case patients
    /// One fold for each acquisition series.
    case series
}

/// Cuts data sets into folds. Folds are lists of positions in `Dataset/items`, in rising order.
public enum Split {
    /// The test part of each fold; every image is in exactly one, with `runs` every image whose run is known.
    ///
    /// - Parameters:
    ///   - count: Number of folds, at least 2; ignored by `series`, which has one for each series in order of name. `runs` has
    ///     fewer where a class has fewer runs.
    ///   - seed: Order of the draw for `random`; the other methods take no chances.
    /// - Returns: `[fold][image]` positions.
    /// - Throws: `DatasetError` `impossibleSplit` when the set lacks patients, series or runs, or has too few units.
    public static func folds(
        of dataset: Dataset, method: SplitMethod, count: Int = 5, seed: UInt64 = 0
    ) throws -> [[Int]] {
        let items = dataset.items
        let folds: [[Int]]
        switch method {
        case .series: folds = try seriesFolds(items)
        case .runs: folds = try runFolds(items, count: count)
        case .blocks:
            try check(count, units: Set(items.map(\.group)).count)
            folds = positions(blockFolds(items, count: count), count: count)
        case .random:
            try check(count, units: Set(items.map(\.group)).count)
            folds = positions(balancedFolds(items, units: items.map(\.group), count: count, seed: seed), count: count)
        case .patients:
            let units = try patientUnits(items)
            try check(count, units: Set(units).count)
            folds = positions(balancedFolds(items, units: units, count: count, seed: nil), count: count)
        }
        guard let empty = folds.firstIndex(where: \.isEmpty) else { return folds }
        throw DatasetError(.impossibleSplit, "fold \(empty) would be empty; take fewer folds")
    }

    /// All positions that are not in `test`, in rising order; with `runs` only those whose run is known, since an image of an
    /// unknown run may be of the one that is tested.
    ///
    /// - Parameter method: How `test` was cut.
    public static func training(without test: [Int], of dataset: Dataset, method: SplitMethod = .blocks) -> [Int] {
        let test = Set(test)
        let entries = dataset.manifest.entries
        return entries.indices.filter { !test.contains($0) && (method != .runs || entries[$0].run != nil) }
    }

    static func check(_ count: Int, units: Int) throws {
        guard count >= 2, count <= units else {
            throw DatasetError(
                .impossibleSplit, "\(count) folds of \(units) groups are impossible; take 2 to \(max(units, 2))")
        }
    }

    static func positions(_ folds: [Int], count: Int) -> [[Int]] {
        folds.indices.reduce(into: [[Int]](repeating: [], count: count)) { $0[folds[$1]].append($1) }
    }

    /// Cuts each class into `count` runs of equal length, then moves every group to the fold of most of its images.
    private static func blockFolds(_ items: [Dataset.Item], count: Int) -> [Int] {
        var wanted = [Int](repeating: 0, count: items.count)
        for positions in byClass(items, among: Array(items.indices)) {
            for (rank, position) in positions.enumerated() { wanted[position] = rank * count / positions.count }
        }
        return majority(of: wanted, in: items.map(\.group))
    }

    private static func seriesFolds(_ items: [Dataset.Item]) throws -> [[Int]] {
        let unknown = items.filter { $0.series == nil }
        if let first = unknown.first {
            throw DatasetError(.impossibleSplit, "\(unknown.count) images have no series, first \(first.file)")
        }
        let names = Set(items.compactMap(\.series)).sorted()
        guard names.count >= 2 else {
            throw DatasetError(.impossibleSplit, "leaving one series out needs at least two")
        }
        let wanted = items.map { item in names.firstIndex { $0 == item.series } ?? 0 }
        return positions(majority(of: wanted, in: items.map(\.group)), count: names.count)
    }

    /// A few images of each class to learn from, and the images that may judge what was learned.
    public struct Learning: Sendable, Equatable {
        /// Positions to learn from, in rising order.
        public let learning: [Int]
        /// Positions held back, in rising order: none shares a duplicate group or a patient with `learning`.
        public let heldBack: [Int]
    }

    /// Takes `perClass` images of each class, evenly spaced over the file numbers so that they are of many samples.
    ///
    /// A class of fewer than twice as many images gives half of them. What shares a duplicate group or a patient with an
    /// image that is learned from is in neither part.
    ///
    /// - Parameters:
    ///   - perClass: At least 2.
    ///   - seed: Turns where the spacing begins.
    /// - Throws: `DatasetError` `impossibleSplit` when one part would be empty.
    public static func learning(perClass: Int, of dataset: Dataset, seed: UInt64) throws -> Learning {
        guard perClass >= 2 else {
            throw DatasetError(.impossibleSplit, "\(perClass) images a class are too few to learn from; take 2 or more")
        }
        let items = dataset.items
        var random = SplitMix64(seed: seed)
        var learning: [Int] = []
        for positions in byClass(items, among: Array(items.indices)) where !positions.isEmpty {
            let count = min(perClass, positions.count / 2)
            let turn = random.nextUnit()
            for number in 0..<count {
                let place = (Double(number) + turn) * Double(positions.count) / Double(count)
                learning.append(positions[min(positions.count - 1, Int(place))])
            }
        }
        let groups = Set(learning.map { items[$0].group })
        let patients = Set(learning.compactMap { items[$0].patient })
        let heldBack = items.indices.filter { position in
            let item = items[position]
            return !groups.contains(item.group) && !(item.patient.map(patients.contains) ?? false)
        }
        guard !learning.isEmpty, !heldBack.isEmpty else {
            throw DatasetError(
                .impossibleSplit,
                "of \(items.count) images \(learning.count) would be learnt from and \(heldBack.count) held back; "
                    + "more images, of other patients, are needed")
        }
        return Learning(learning: learning.sorted(), heldBack: heldBack)
    }

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
