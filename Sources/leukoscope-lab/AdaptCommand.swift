import ArgumentParser
import Datasets
import Foundation
import Packaging
import Training

/// `leukoscope-lab adapt`.
struct AdaptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapt",
        abstract: "Fits a released model to a laboratory's own microscope, with a few labelled images.",
        discussion: """
            Learns from a few images of each class, holds the others back, and shows the figures of both models on those. \
            Nothing is released when the adapted model is worse (exit code 65). Of a package that reads cells the evidence of whole \
            fields is fitted too, where the fields held back are then read no worse. OUT/ gets report.json, report.md and \
            package/. The images come from folders, an imported set, or signed readings (`leukoscope readings export`).

            Example: leukoscope-lab adapt --data sets/ours --model Models/release --out runs/ours
            """)

    @Option(help: "Folder of labelled images (Benign, Early, Pre, Pro), or a set made by `dataset import`.")
    var data: String

    @Option(help: "The model package to begin with.")
    var model: String

    @Option(help: "Folder of the result; must not hold an adaptation yet.")
    var out: String

    @Option(help: "Images of each class to learn from; the others are held back.")
    var perClass = 16

    @Option(help: "Take only the images of this acquisition series.")
    var series: String?

    @Option(help: "Name of the adapted model.")
    var name: String?

    @Option(help: "Version of the adapted model.")
    var modelVersion = "1.0.0"

    @Option(help: "Seed of every random choice.")
    var seed: UInt64 = 1

    @Option(help: "Threads within libtorch; 0 takes all processors.")
    var threads = 0

    func run() throws {
        let folder = URL(fileURLWithPath: out)
        guard !FileManager.default.fileExists(atPath: folder.appendingPathComponent("report.json").path) else {
            throw TrainingError(.run, "\(folder.path) holds an adaptation already; choose another folder")
        }
        let progress = LabProgress()
        let package = try ModelPackage(directory: URL(fileURLWithPath: model))
        let dataset = try chosen(progress)
        let split = try Split.learning(perClass: perClass, of: dataset, seed: seed)
        TrainableNetwork.prepare(
            threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount)
        let images = try PreparedImages(dataset, for: package, observe: { progress.show($0) })
        let outcome = try SiteAdaptation(
            package: package, images: images, learning: split.learning, heldBack: split.heldBack, seed: seed,
            observe: { progress.line($0) }
        ).run()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let report = outcome.report
        try Data(report.markdown.utf8).write(to: folder.appendingPathComponent("report.md"), options: .atomic)
        try report.json().write(to: folder.appendingPathComponent("report.json"), options: .atomic)
        print(report.markdown, terminator: "")
        guard report.objections.isEmpty else {
            throw TrainingError(
                .data,
                "no package was written, for the adapted model is worse on the images held back: "
                    + report.objections.joined(separator: "; "))
        }
        let adapted = try AdaptedRelease(
            package: package, images: images, name: name ?? "\(package.description.name)-adapted", version: modelVersion
        ).write(outcome, to: folder.appendingPathComponent("package"))
        if let cells = try SiteCells(adapted) {
            let fitted = try cells.run(images.items, learning: split.learning, heldBack: split.heldBack) {
                progress.count("reading cells", $0, of: $1)
            }
            progress.line(fitted.words)
            if let description = fitted.description {
                try adapted.fitting(
                    cells: description, words: fitted.words, name: adapted.description.name, version: modelVersion,
                    to: adapted.directory)
            }
        }
        print(adapted.directory.path)
    }

    private func chosen(_ progress: LabProgress) throws -> Dataset {
        let dataset = try progress.dataset(in: data)
        guard let series else { return dataset }
        let entries = dataset.manifest.entries.filter { $0.series == series }
        guard !entries.isEmpty else {
            let known = Set(dataset.manifest.entries.compactMap(\.series)).sorted()
            throw TrainingError(
                .data, "no image is of the series \(series); there are \(known.joined(separator: ", "))")
        }
        var part = dataset
        part.manifest.entries = entries
        return part
    }
}
