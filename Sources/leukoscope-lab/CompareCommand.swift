import ArgumentParser
import Comparison
import Datasets
import Findings
import Foundation
import Packaging
import Training

/// `leukoscope-lab compare`.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Sets methods side by side: networks, colour, visual words, an autoencoder, a fusion.",
        discussion: """
            Every method is trained and measured on the same folds, with the same figures, calibrated alike: accuracy, loss \
            without colour and under shifted stain, size, time. Finished folds are kept in --out/METHOD/fold-K, so the same \
            command goes on where it was stopped; several processes may share the work with --methods or --only. A \
            cross-validation that was run by the same recipe is taken with --finished. When everything asked for is there, the \
            figures are written as JSON and as one table.

            Example: leukoscope-lab compare --data SET --out runs/compare --finished efficientnet-lite0=runs/blocks
            """)

    @Option(help: "Folder of labelled images, or a set made by `dataset import`.")
    var data: String

    @Option(help: "Folder of the finished folds; made if missing.")
    var out: String

    @Option(help: "How the folds are cut: runs, blocks, random or patients.")
    var split: SplitMethod = .blocks

    @Option(help: "Number of folds.")
    var folds = 5

    @Option(help: "Folds to run, counted from 1 and separated by commas.")
    var only: String?

    @Option(help: "Methods, separated by commas; without it all that there are.")
    var methods: String?

    @Option(help: "NAME=FOLDER of a finished cross-validation of that network by the same recipe; may be repeated.")
    var finished: [String] = []

    @Option(help: "Folder of the networks' recipes: release.json and compare/NAME.json.")
    var recipes = "Recipes"

    @Option(help: "Threads of the networks in training; 0 takes all processors. Everything else runs on one.")
    var threads = 0

    @Option(help: "File for the table, as Markdown; without it the document goes to standard output.")
    var table: String?

    @Option(help: "File for the results, as JSON.")
    var json: String?

    @Option(help: ArgumentHelp("Folder of ImageNet weights.", visibility: .hidden))
    var weights: String?

    func validate() throws {
        guard folds >= 2, threads >= 0 else {
            throw ValidationError("--folds is 2 and more; --threads cannot be negative")
        }
    }

    func run() throws {
        let progress = LabProgress()
        let interrupt = InterruptFlag()
        let selected = try FoldSelection.read(only, count: folds)
        let done = try finishedFolders()
        let recipes = try NetworkRecipes.read(from: URL(fileURLWithPath: recipes), threads: threads)
        let dataset = try progress.dataset(in: data)
        let comparison = try Comparison(
            plan: .init(
                dataset: dataset, classKeys: SmearClass.keys, split: split, foldCount: folds,
                only: selected, recipes: recipes, finished: done, directory: URL(fileURLWithPath: out),
                pretrained: TrainingOptions.weightsFolder(weights)),
            observer: .init(
                line: { progress.line($0) }, training: { progress.show($0) }, shouldStop: { interrupt.isRaised }))
        let chosen = methods?.split(separator: ",").map(String.init) ?? comparison.methods
        try write(try comparison.run(chosen), progress)
    }

    private func finishedFolders() throws -> [String: URL] {
        try finished.reduce(into: [:]) { folders, text in
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw ValidationError("--finished \(text): give NAME=FOLDER") }
            folders[String(parts[0])] = URL(fileURLWithPath: String(parts[1]))
        }
    }

    private func write(_ results: ComparisonResults, _ progress: LabProgress) throws {
        if let json {
            try results.json().write(to: URL(fileURLWithPath: json), options: .atomic)
            progress.line("wrote \(json)")
        }
        let document = results.markdown(command: command)
        guard let table else { return print(document, terminator: "") }
        try Data(document.utf8).write(to: URL(fileURLWithPath: table), options: .atomic)
        progress.line("wrote \(table)")
    }

    /// The command without paths of this machine.
    private var command: String {
        var words = ["leukoscope-lab compare --data SET --split \(split.rawValue) --folds \(folds) --out RUN"]
        if let only { words.append("--only \(only)") }
        if let methods { words.append("--methods \(methods)") }
        return words.joined(separator: " ")
    }
}
