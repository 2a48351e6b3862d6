extension Split {
    /// Deals whole runs to folds, largest first: each to a fold with fewest runs of its class, and of those to the smallest.
    ///
    /// So the runs of a class are spread over the folds, and every class of as many runs as there are folds has test and
    /// training images in each. There are at most as many folds as the scarcest class of `RunCoverage/minimumRuns` runs and
    /// more has runs; where no class has so many, as the class of most runs has.
    ///
    /// - Returns: `[fold][image]`; images of no known run are in none.
    static func runFolds(_ items: [Dataset.Item], count: Int) throws -> [[Int]] {
        let known = items.indices.filter { items[$0].run != nil }
        guard !known.isEmpty else {
            throw DatasetError(
                .impossibleSplit,
                "no image has a run; `leukoscope-lab runs infer` finds them, `dataset import --runs` takes them")
        }
        let units = runUnits(known.map { items[$0] })
        let runs = Dictionary(grouping: known.indices, by: { units[$0] }).map { unit, members in
            Run(unit: unit, positions: members.map { known[$0] }, items: items)
        }
        let perClass = Dictionary(grouping: runs, by: \.label).mapValues(\.count).values
        let most = perClass.filter { $0 >= RunCoverage.minimumRuns }.min() ?? perClass.max() ?? 0
        guard most >= 2 else {
            throw DatasetError(
                .impossibleSplit,
                "every class has one run; a run can be left out only where another of its class remains")
        }
        guard count >= 2 else {
            throw DatasetError(.impossibleSplit, "\(count) folds are impossible; take 2 to \(most)")
        }
        var folds = [[Run]](repeating: [], count: min(count, most))
        let ordered = runs.sorted { ($1.positions.count, $0.unit) < ($0.positions.count, $1.unit) }
        for run in ordered {
            func load(_ fold: Int) -> (Int, Int) {
                (folds[fold].count { $0.label == run.label }, folds[fold].reduce(0) { $0 + $1.positions.count })
            }
            folds[folds.indices.min { load($0) < load($1) } ?? 0].append(run)
        }
        return folds.map { $0.flatMap(\.positions).sorted() }
    }

    /// A run, or runs that share a duplicate group.
    private struct Run {
        let unit: Int
        let positions: [Int]
        /// The class of most of its images.
        let label: Int

        init(unit: Int, positions: [Int], items: [Dataset.Item]) {
            (self.unit, self.positions) = (unit, positions)
            let counts = Dictionary(positions.map { (items[$0].label, 1) }, uniquingKeysWith: +)
            label = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
        }
    }

    /// Runs as units; two that share a duplicate group are one.
    private static func runUnits(_ items: [Dataset.Item]) -> [Int] {
        var sets = DisjointSets(count: items.count)
        var runs: [String: Int] = [:]
        var groups: [Int: Int] = [:]
        for (position, item) in items.enumerated() {
            if let run = item.run { unite(run, position, &runs, &sets) }
            unite(item.group, position, &groups, &sets)
        }
        return sets.numbers()
    }
}
