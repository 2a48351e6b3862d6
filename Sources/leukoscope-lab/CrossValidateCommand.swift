import ArgumentParser
import Datasets
import Foundation
import Training

/// `leukoscope-lab cross-validate`.
struct CrossValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cross-validate",
        abstract: "Trains once a fold and measures on images that were not trained on.",
        discussion: """
            Finished folds are kept, so the same command goes on where it was stopped. --only 1,2 runs some of the folds \
            (several processes may share the work); when all are there, --out/results.json is written with two charts, and the \
            figures are printed. Each fold is calibrated on the answers to the other folds; with --split series, where a fold \
            is a series that training never saw, on a validation part of the training side.

            --split runs leaves out groups of whole acquisition runs, which `runs infer` finds; images of no known run are in no \
            part. Intervals then resample runs. blocks and random leak: images of a tested run are in training.

            \(ProcessOptions.explanation)

            Example: leukoscope-lab cross-validate --data sets/smears --out runs/runs --split runs
            """)

    @OptionGroup var options: TrainingOptions
    @OptionGroup var processes: ProcessOptions

    @Option(help: "Folder of the results; made if missing.")
    var out: String

    @Option(
        help: "runs, blocks, random, patients or series; without it runs where the manifest knows them, else blocks.")
    var split: SplitMethod?

    @Option(help: "Number of folds (series has one a series, runs as many as the classes' runs allow).")
    var folds = 5

    @Option(help: "Folds to run, counted from 1 and separated by commas.")
    var only: String?

    @Flag(help: "Leave the model package of each fold in fold-K/package.")
    var packages = false

    func run() throws {
        let progress = LabProgress()
        let configuration = try options.configuration()
        let group = try processes.join("cross-validate", progress)
        let interrupt = InterruptFlag()
        let dataset = try options.dataset(configuration, progress)
        let split = split ?? (dataset.manifest.entries.contains { $0.run != nil } ? .runs : .blocks)
        let parts = try CrossValidation.Fold.all(
            of: dataset, method: split, count: folds, configuration: configuration)
        let coverage = split == .runs ? RunCoverage(dataset, folds: parts.map(\.test)) : nil
        if let coverage { progress.line(coverage.text) }
        let selected = try FoldSelection.read(only, count: parts.count)
        let folder = URL(fileURLWithPath: out)
        if group.isFirst { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        let results = try CrossValidation(
            configuration: configuration, images: options.prepare(dataset, configuration, progress),
            split: split.rawValue, folds: parts, directory: folder, pretrained: options.weightsFolder,
            writesPackages: packages, runs: coverage, group: group
        ).run(
            only: selected, foldStarted: { progress.line("fold \($0) of \(parts.count)") },
            observe: { progress.show($0) }, shouldStop: { interrupt.isRaised })
        guard group.isFirst else { return progress.line("process 0 writes the results") }
        guard let results else {
            return progress.line("not all folds are finished yet; run the others with the same --out")
        }
        print(results.markdown, terminator: "")
    }
}
