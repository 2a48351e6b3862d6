import ArgumentParser
import Cells
import Datasets
import Evaluation
import Findings
import Foundation
import Inference
import Packaging
import Screening
import Training

/// `leukoscope-lab verdict`: read, fit, simulate.
struct VerdictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict",
        abstract: "Compute when the images of a case ask for an urgent reading, and how often that is right.",
        discussion: """
            `read` writes what a package answers to labelled fields, one a line. `fit` draws sets of fields from runs, as \
            cases bring them, chooses how many witnesses each size of a set asks for, and puts the rule with its error into \
            the package. `simulate` holds that rule against one malignant report.

            Example:
              leukoscope-lab verdict read --data SET --runs runs.tsv --model MODEL --config Recipes/release.json \
            --cross-validation results.json --out answers.tsv
              leukoscope-lab verdict fit --answers answers.tsv --model MODEL
              leukoscope-lab verdict simulate --answers name=answers.tsv --model MODEL --json verdict.json
            """,
        subcommands: [Read.self, Fit.self, Simulate.self])

    /// - Throws: `TrainingError` for a file that is no table of answers.
    static func answers(in path: String) throws -> FieldAnswers {
        try FieldAnswers(text: MeasurementFiles.text(in: path))
    }
}

extension VerdictCommand {
    struct Read: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write what a package answers to labelled fields.",
            discussion: """
                Images that share a run are drawn together later. Without runs each class is one.

                With --config, the configuration that the package was trained with, and the images that it was trained on, \
                those that were held out are marked. With --folds, the folder of a cross-validation of the same recipe, each \
                image has the answer of the network that had no part in it: the honest way, to be taken wherever the folds are \
                still there; its novelty is that of the image beside those of its fold. With --cross-validation, their results alone, the mistakes that these name stand in place of what \
                the shipped network answers to these images, which it was trained on.
                """)

        @Option(help: "Folder of labelled images, or a set made by `dataset import`.") var data: String
        @Option(help: "The model package that is asked.") var model: String
        @Option(help: "Table of file<TAB>acquisition run.") var runs: String?
        @Option(help: "Configuration that the package was trained with.") var config: String?
        @Option(help: "Folder of a cross-validation of the same recipe.") var folds: String?
        @Option(help: "results.json of a cross-validation of the same recipe.") var crossValidation: String?
        @Option(help: "File for the table.") var out: String

        func validate() throws {
            guard folds == nil || crossValidation == nil else {
                throw ValidationError("give either --folds or --cross-validation")
            }
        }

        func run() async throws {
            let progress = LabProgress()
            let scanned = try progress.dataset(in: data)
            let dataset = try runs.map { try RunData.withRuns(scanned, table: $0) } ?? scanned
            let package = try ModelPackage(directory: URL(fileURLWithPath: model))
            let heldOut = try HeldOutImages.places(in: scanned, of: package, config: config)
            let answered = try foldAnswers()
            let screener = try Screener(package: package)
            var rows: [FieldAnswers.Row] = []
            for (place, entry) in dataset.manifest.entries.enumerated() {
                guard let smearClass = SmearClass(index: entry.label), runs == nil || entry.run != nil else { continue }
                let outcome = try await screener.screen(
                    contentsOf: dataset.folder.appendingPathComponent(entry.file))
                let row = FieldAnswers.Row(
                    file: entry.source, smearClass: smearClass, run: entry.run ?? smearClass.rawValue,
                    series: entry.series, part: heldOut.contains(place) ? .heldOut : .trained, outcome: outcome)
                let corrected = answered[entry.file].map {
                    row.corrected(
                        by: $0, evidence: outcome.cells?.blastEvidence.value,
                        agreement: package.description.cells?.agreement)
                }
                // Of a cross-validation that is there whole, what was in no test part says nothing.
                if let kept = corrected ?? (folds == nil ? row : nil) { rows.append(kept) }
                progress.count("reading", place + 1, of: dataset.manifest.entries.count)
            }
            try RunData.write(Data(FieldAnswers(rows: rows).text.utf8), to: URL(fileURLWithPath: out))
            progress.line("\(rows.count) answers in \(out)")
        }

        private func foldAnswers() throws -> [String: FoldAnswer] {
            if let folds { return try FoldAnswer.all(in: URL(fileURLWithPath: folds)) }
            return try crossValidation.map { FoldAnswer.mistakes(of: try MeasurementFiles.results(in: $0)) } ?? [:]
        }
    }

    struct Fit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Choose the rule from answers, and put it into the package.",
            discussion: """
                First as many sets with leukaemia must be called as by one malignant report, then as few without as can be. \
                Sets are drawn within a run; the intervals come of a bootstrap over runs, and are never narrower than as many \
                sets as the images fill would give.
                """)

        @Option(help: "Table that `verdict read` wrote.") var answers: String
        @Option(help: "The package whose answers they are; its metrics.json takes the rule.") var model: String
        @Option(help: "Sets of each kind and size.") var sets = 10_000
        @Option(help: "Largest set.") var largest = 20
        @Option(help: "Seed of the draw.") var seed: UInt64 = 20_210_423

        func validate() throws {
            guard sets >= 100, largest >= 1 else {
                throw ValidationError("take at least 100 --sets and 1 for --largest")
            }
        }

        func run() throws {
            let package = try ModelPackage(directory: URL(fileURLWithPath: model))
            var settings = VerdictFit.Settings()
            (settings.sets, settings.largest, settings.seed) = (sets, largest, seed)
            let fit = try VerdictFit(
                VerdictCommand.answers(in: answers).measured(.both),
                field: try package.cellModelURL.map { try CellModelDescription.read(folder: $0).field },
                model: .init(name: package.description.name, version: package.description.version),
                settings: settings)
            try PackageVerdict.write(fit.rule, into: package)
            print("fields witnesses  of 1,000 sets called: with leukaemia (95 %), without (95 %)")
            for step in fit.rule.steps {
                print("\(step.fields) \(step.witnesses)  \(words(step.withLeukaemia)), \(words(step.without))")
            }
        }

        private func words(_ rate: VerdictRule.Rate) -> String {
            let ends = [rate.value, rate.low95, rate.high95].map { String(format: "%.0f", $0 * 1000) }
            return "\(ends[0]) (\(ends[1]) to \(ends[2]))"
        }
    }

    struct Simulate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold the rule of a package against one malignant report.",
            discussion: "Each table is tried as both readers decide and as the field network alone does.")

        @Option(
            help: ArgumentHelp(
                "A name and a table that `verdict read` wrote; may be given again.", valueName: "name=table"))
        var answers: [String]
        @Option(help: "The package with the rule.") var model: String
        @Option(help: "Sets of each kind and size.") var sets = 10_000
        @Option(help: "Seed of the draw.") var seed: UInt64 = 20_210_423
        @Option(help: "File for the results, as JSON.") var json: String

        func validate() throws {
            for answer in answers where answer.split(separator: "=", maxSplits: 1).count != 2 {
                throw ValidationError("--answers \(answer): give a name and a table, as in ours=answers.tsv")
            }
        }

        func run() throws {
            let package = try ModelPackage(directory: URL(fileURLWithPath: model))
            guard let rule = package.verdict else {
                throw TrainingError(.data, "\(model) has no rule on cases; `verdict fit` computes one")
            }
            var settings = VerdictFit.Settings()
            (settings.sets, settings.seed) = (sets, seed)
            var trial = CaseTrial(rule, settings: settings)
            for answer in answers {
                let parts = answer.split(separator: "=", maxSplits: 1).map(String.init)
                let table = try VerdictCommand.answers(in: parts[1])
                for readers in FieldAnswers.Readers.allCases {
                    try trial.add(table, name: parts[0], readers: readers, rule: rule)
                }
            }
            try RunData.write(trial.json(), to: URL(fileURLWithPath: json))
        }
    }
}
