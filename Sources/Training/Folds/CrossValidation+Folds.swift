import Datasets

extension CrossValidation.Fold {
    /// The folds of a data set: test parts by the split, of each rest a validation part.
    /// - Parameters:
    ///   - method: How the folds are cut.
    ///   - count: The number of folds; `series` has one a series.
    /// - Throws: `DatasetError` for a set that cannot be cut so.
    public static func all(
        of dataset: Dataset, method: SplitMethod, count: Int, configuration: TrainingConfiguration
    ) throws -> [CrossValidation.Fold] {
        try Split.folds(of: dataset, method: method, count: count, seed: configuration.seed).map { test in
            let rest = Split.training(without: test, of: dataset)
            let validation = try Split.validation(
                of: rest, in: dataset, fraction: configuration.validationFraction, seed: configuration.seed)
            let held = Set(validation)
            return CrossValidation.Fold(
                training: rest.filter { !held.contains($0) }, validation: validation, test: test)
        }
    }
}
