import Datasets
import Foundation
import Packaging
import Training

/// Which images of a set a package did not learn from.
enum HeldOutImages {
    /// Those that were held out of its training; everything, of a set that the package was not trained on; nothing, of its own
    /// set without the configuration.
    /// - Parameter config: File of the configuration that the package was trained with.
    /// - Returns: Positions in `Dataset/items`.
    /// - Throws: `TrainingError` for another set with a configuration, or one that cannot be read; `DatasetError`.
    static func places(in dataset: Dataset, of package: ModelPackage, config: String?) throws -> Set<Int> {
        let all = Array(dataset.items.indices)
        let provenance = package.description.provenance
        guard dataset.manifest.sha256 == provenance.dataManifestSHA256 else {
            guard config == nil else {
                throw TrainingError(
                    .data,
                    "\(package.directory.path) was trained on another set than \(dataset.folder.path), or this one was changed"
                )
            }
            return Set(all)
        }
        guard let config else { return [] }
        let configuration = try TrainingConfiguration.read(from: URL(fileURLWithPath: config))
        return Set(
            try Split.validation(
                of: all, in: dataset, fraction: configuration.validationFraction, seed: provenance.seed))
    }
}
