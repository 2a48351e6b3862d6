/// How a data set is cut into folds. In every method a duplicate group lies in one fold.
public enum SplitMethod: String, Sendable, Codable, CaseIterable {
    /// Contiguous runs of file numbers in each class: the headline where patients are unknown.
    case blocks
    /// Seeded, stratified by class: only to compare with papers, since neighbours of one sample land on both sides.
    case random
    /// All images of a patient in one fold.
    case patients
    /// One fold for each acquisition series.
    case series
}

/// Cuts data sets into folds. Folds are lists of positions in `Dataset/items`, in rising order.
public enum Split {
    /// The test part of each fold; every image is in exactly one.
    ///
    /// - Parameters:
    ///   - count: Number of folds, at least 2; ignored by `series`, which has one for each series in order of name.
    ///   - seed: Order of the draw for `random`; the other methods take no chances.
    /// - Returns: `[fold][image]` positions.
    /// - Throws: `DatasetError` `impossibleSplit` when the set lacks patients or series, or has too few units.
    public static func folds(
        of dataset: Dataset, method: SplitMethod, count: Int = 5, seed: UInt64 = 0
    ) throws -> [[Int]] {
        let items = dataset.items
        let folds: [[Int]]
        switch method {
        case .series: folds = try seriesFolds(items)
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

    /// All positions that are not in `test`, in rising order.
    public static func training(without test: [Int], of dataset: Dataset) -> [Int] {
        let test = Set(test)
        return dataset.manifest.entries.indices.filter { !test.contains($0) }
    }

    private static func check(_ count: Int, units: Int) throws {
        guard count >= 2, count <= units else {
            throw DatasetError(
                .impossibleSplit, "\(count) folds of \(units) groups are impossible; take 2 to \(max(units, 2))")
        }
    }

    private static func positions(_ folds: [Int], count: Int) -> [[Int]] {
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
}
