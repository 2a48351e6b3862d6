extension Dataset {
    /// The same set with the fold of each image in its manifest.
    ///
    /// - Parameter folds: `[fold][image]` positions, as of `Split/folds(of:method:count:seed:)`.
    public func assigning(_ folds: [[Int]]) -> Dataset {
        var result = self
        for (fold, positions) in folds.enumerated() {
            for position in positions { result.manifest.entries[position].fold = fold }
        }
        return result
    }

    /// The test part of each fold as the manifest has it; empty when the set is not split.
    public var folds: [[Int]] {
        let count = (manifest.entries.compactMap(\.fold).max() ?? -1) + 1
        return manifest.entries.enumerated().reduce(into: [[Int]](repeating: [], count: count)) { folds, row in
            if let fold = row.element.fold { folds[fold].append(row.offset) }
        }
    }

    /// Number of duplicate groups of more than one image.
    public var duplicateGroups: Int {
        Dictionary(grouping: manifest.entries, by: \.group).values.count { $0.count > 1 }
    }
}
