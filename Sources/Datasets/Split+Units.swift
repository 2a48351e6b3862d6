import Findings
import Randomness

extension Split {
    /// Positions of each class among `positions`, by file name with numbers as numbers.
    static func byClass(_ items: [Dataset.Item], among positions: [Int]) -> [[Int]] {
        SmearClass.allCases.indices.map { label in
            positions.filter { items[$0].label == label }.sorted { FileOrder.precedes(items[$0].file, items[$1].file) }
        }
    }

    /// Gives every unit one value: the one most of its members want, the lowest where several tie.
    static func majority(of wanted: [Int], in units: [Int]) -> [Int] {
        var votes: [Int: [Int: Int]] = [:]
        for (unit, value) in zip(units, wanted) { votes[unit, default: [:]][value, default: 0] += 1 }
        let winners = votes.mapValues { counts in
            counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
        }
        return units.map { winners[$0] ?? 0 }
    }

    /// Deals units to folds, largest first, each to the fold that has least of the unit's most frequent class.
    ///
    /// - Parameter seed: Shuffles units of equal size; `nil` keeps the order of appearance.
    static func balancedFolds(_ items: [Dataset.Item], units: [Int], count: Int, seed: UInt64?) -> [Int] {
        var members: [Int: [Int]] = [:]
        for (position, unit) in units.enumerated() { members[unit, default: []].append(position) }
        var order = members.keys.sorted()
        if let seed {
            var random = SplitMix64(seed: seed)
            random.shuffle(&order)
        }
        let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        let sized = order.map { unit in (unit: unit, size: members[unit]?.count ?? 0, rank: rank[unit] ?? 0) }
        var classCounts = [[Int]](repeating: [Int](repeating: 0, count: SmearClass.allCases.count), count: count)
        var totals = [Int](repeating: 0, count: count)
        var folds = [Int](repeating: 0, count: items.count)
        for (unit, _, _) in sized.sorted(by: { ($1.size, $0.rank) < ($0.size, $1.rank) }) {
            let positions = members[unit] ?? []
            let label = mostFrequentLabel(positions.map { items[$0].label })
            let fold = (0..<count).min { (classCounts[$0][label], totals[$0]) < (classCounts[$1][label], totals[$1]) }
            for position in positions {
                folds[position] = fold ?? 0
                classCounts[fold ?? 0][items[position].label] += 1
            }
            totals[fold ?? 0] += positions.count
        }
        return folds
    }

    private static func mostFrequentLabel(_ labels: [Int]) -> Int {
        let counts = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
    }

    /// Patients as units; two patients who share a duplicate group are one unit.
    static func patientUnits(_ items: [Dataset.Item]) throws -> [Int] {
        let unknown = items.filter { $0.patient == nil }
        if let first = unknown.first {
            throw DatasetError(
                .impossibleSplit, "\(unknown.count) images have no patient, first \(first.file); fill the column")
        }
        var sets = DisjointSets(count: items.count)
        var patients: [String: Int] = [:]
        var groups: [Int: Int] = [:]
        for (position, item) in items.enumerated() {
            if let patient = item.patient { unite(patient, position, &patients, &sets) }
            unite(item.group, position, &groups, &sets)
        }
        return sets.numbers()
    }

    static func unite<Key: Hashable>(
        _ key: Key, _ position: Int, _ firsts: inout [Key: Int], _ sets: inout DisjointSets
    ) {
        if let first = firsts[key] { sets.unite(first, position) } else { firsts[key] = position }
    }
}
