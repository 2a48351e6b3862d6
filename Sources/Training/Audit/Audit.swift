import Datasets
import Foundation

/// The shortcut and robustness audit: linear baselines, the networks of a cross-validation on changed images, where they
/// look, and whether their maps can be believed.
public struct Audit {
    let dataset: Dataset
    let classKeys: [String]
    let pretrained: URL
    let explained: Int
    let progress: @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void

    /// - Parameters:
    ///   - classKeys: Class keys in the order of the labels, the benign one first.
    ///   - pretrained: The folder of ImageNet weights, `.deps/weights`.
    ///   - explained: About how many images of each recipe are taken apart for its explanations; 0 for none.
    ///   - progress: What is being done, and how far; from any thread.
    public init(
        dataset: Dataset, classKeys: [String], pretrained: URL, explained: Int,
        progress: @escaping @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void
    ) {
        (self.dataset, self.classKeys, self.pretrained) = (dataset, classKeys, pretrained)
        (self.explained, self.progress) = (explained, progress)
    }

    /// Blocks for minutes.
    /// - Parameters:
    ///   - recipes: Names and networks, the audited recipe first.
    ///   - baselineFolds: How many folds the linear classifiers are measured on, cut as `blocks` and as `random`; nil
    ///     leaves them out.
    ///   - threads: The threads that libtorch may use; 0 takes all processors.
    /// - Throws: `TrainingError`, `DatasetError`, `ImagingError`, `EvaluationError` or `SafetensorsError`.
    public func run(
        recipes: [(name: String, networks: FoldNetworks)], baselineFolds: Int?, threads: Int
    ) throws -> AuditResults {
        TrainableNetwork.prepare(threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount)
        let items = dataset.items.map(TrainingImage.init)
        let manifest = dataset.manifest.sha256
        // Before the work of minutes: are these the images of the folds?
        for recipe in recipes {
            for fold in recipe.networks.folds {
                _ = try recipe.networks.test(fold, items: items, manifestSHA256: manifest)
            }
        }
        var baselines: [AuditResults.Baseline] = []
        if let baselineFolds {
            let splits = try [SplitMethod.blocks, .random].map { method in
                (method.rawValue, try Split.folds(of: dataset, method: method, count: baselineFolds, seed: 1))
            }
            baselines = try BaselineAudit(
                items: items, classes: classKeys.count, pretrained: pretrained, progress: progress
            ).run(splits: Dictionary(uniqueKeysWithValues: splits))
        }
        let audited = try recipes.map { name, networks in
            try RecipeAudit(
                name: name, networks: networks, items: items, manifestSHA256: manifest, classes: classKeys.count,
                explained: explained, progress: progress
            ).run()
        }
        return AuditResults(
            manifestSHA256: manifest, images: items.count, classKeys: classKeys, baselines: baselines, recipes: audited)
    }
}
