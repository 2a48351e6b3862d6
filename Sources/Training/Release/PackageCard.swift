import Foundation
import Packaging

/// The card of a package that is there already.
public struct PackageCard {
    private let package: ModelPackage

    public init(_ package: ModelPackage) { self.package = package }

    /// Puts results into `metrics.json`, where some are given, and writes `MODEL_CARD.md` from what the package holds.
    ///
    /// - Parameters:
    ///   - leftOutSeries: Results of the split `series`.
    ///   - history: Earlier versions and what changed, in Markdown.
    /// - Throws: `TrainingError` when the package's figures cannot be read, `PackagingError`, or what writing throws.
    public func write(leftOutSeries: CrossValidationResults?, history: String?) throws {
        var json = try Data(contentsOf: package.metricsURL)
        if let leftOutSeries {
            json = try MetricsFile.adding("leftOutSeries", leftOutSeries, to: json)
        }
        let figures: ModelFigures
        do { figures = try JSONDecoder().decode(ModelFigures.self, from: json) } catch {
            throw TrainingError(
                .data, "\(package.metricsURL.path) cannot be read, or another version wrote it: \(error)")
        }
        let card = ModelCard(description: package.description, figures: figures, history: history)
        if leftOutSeries != nil { try json.write(to: package.metricsURL, options: .atomic) }
        try Data(card.markdown.utf8).write(to: package.cardURL, options: .atomic)
    }
}
