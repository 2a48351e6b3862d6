import ArgumentParser
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
            calibration stay as they are.

            Example: leukoscope-lab card Models/release --series runs/series/results.json --history docs/model-history.md
            """)

    @Argument(help: "The model package.")
    var package: String

    @Option(help: "results.json of a cross-validation of the split series, to be carried in the package.")
    var series: String?

    @Option(help: "Markdown file about earlier versions, for the card.")
    var history: String?

    func run() throws {
        let package = try ModelPackage(directory: URL(fileURLWithPath: package))
        let leftOut = try series.map(MeasurementFiles.leftOutSeries)
        let history = try history.map(MeasurementFiles.text)
        try PackageCard(package).write(leftOutSeries: leftOut, history: history)
        print(package.cardURL.path)
    }
}
