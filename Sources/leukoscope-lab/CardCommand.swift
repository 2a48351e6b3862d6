import ArgumentParser
import Datasets
import Foundation
import Packaging
import Training

/// `leukoscope-lab card`.
struct CardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: "Writes the card of a model package anew from its figures.",
        discussion: """
            MODEL_CARD.md is made of model.json and metrics.json alone, so nobody has to write a figure. With --series the \
            results of a cross-validation of the split series are put into metrics.json first. The network and its \
            calibration stay as they are. With --data, the very images that it was trained on, and --source the card tells what \
            they are.

            Example: leukoscope-lab card Models/release --data sets/smears --source source.md --history docs/model-history.md
            """)

    @Argument(help: "The model package.")
    var package: String

    @Option(help: "results.json of a cross-validation of the split series, to be carried in the package.")
    var series: String?

    @Option(help: "Markdown file about earlier versions, for the card.")
    var history: String?

    @Option(help: "The images that it was trained on; another set is refused.")
    var data: String?

    @Option(help: "Markdown file that says where they come from.")
    var source: String?

    func validate() throws {
        guard source == nil || data != nil else { throw ValidationError("--source goes with --data") }
    }

    /// - Throws: `TrainingError` for other images than the package names.
    private func trainingData(of package: ModelPackage) throws -> TrainingData? {
        guard let data else { return nil }
        let manifest = try LabProgress().dataset(in: data).manifest
        guard manifest.sha256 == package.description.provenance.dataManifestSHA256 else {
            throw TrainingError(
                .data, "\(package.directory.path) was trained on another set than \(data), or this one was changed")
        }
        return TrainingData(manifest, source: try source.map(MeasurementFiles.text))
    }

    func run() throws {
        let package = try ModelPackage(directory: URL(fileURLWithPath: package))
        let leftOut = try series.map(MeasurementFiles.leftOutSeries)
        let history = try history.map(MeasurementFiles.text)
        try PackageCard(package).write(
            leftOutSeries: leftOut, data: trainingData(of: package), history: history)
        print(package.cardURL.path)
    }
}
