import ArgumentParser
import Datasets
import Foundation

/// `leukoscope-lab runs`: infer, check, sheets.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Find the acquisition runs of images whose patients are not known.",
        discussion: """
            File numbers often follow a list in which a few runs (a slide, a sitting, a person) alternate, so that folds of \
            contiguous numbers leak. Runs are inferred from what is no nucleated cell (ground, red cells, detail, scale bar) \
            and from the rhythm of the numbers; --split runs then leaves them out whole.

            Example:
              leukoscope-lab runs infer --data smears --out runs.tsv
              leukoscope-lab runs check --data smears --runs runs.tsv --compare series=series.tsv
              leukoscope-lab runs sheets --data smears --runs runs.tsv --out sheets
              leukoscope-lab dataset import smears --into sets/smears --runs runs.tsv
            """,
        subcommands: [Infer.self, Check.self, Sheets.self])
}

extension RunsCommand {
    struct Infer: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Assign every image to a run, or say that it cannot be assigned.",
            discussion: """
                --out may be given more than once. A file that ends in .csv becomes the manifest of the set with a column run; \
                any other becomes a table of file<TAB>run, as `dataset import --runs` takes it.
                """)

        @Option(help: "Folder of labelled images, or a set made by `dataset import`.") var data: String
        @Option(help: "Manifest (.csv) or table; may be repeated.") var out: [String]

        func validate() throws {
            guard !out.isEmpty else { throw ValidationError("--out FILE: name a manifest (.csv) or a table to write") }
        }

        func run() throws {
            let (dataset, frames) = try RunData.open(data)
            let assigned = dataset.assigning(RunInference().assign(frames))
            for path in out {
                let file = URL(fileURLWithPath: path)
                if file.pathExtension.lowercased() == "csv" {
                    try assigned.manifest.write(to: file)
                } else {
                    try RunData.write(Data(assigned.runTable.utf8), to: file)
                }
            }
            print(RunCoverage(assigned).text, terminator: "")
            print("manifest SHA-256 \(assigned.manifest.sha256)")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measure how steady inferred runs are, and how they agree with other tables.",
            discussion: """
                Agreement is the adjusted Rand index: 1 is the same partition, 0 is chance. Steadiness is agreement with \
                inferences from random halves of the images and from fewer figures. The table of lags shows the median stain \
                distance of images 1 to 4 numbers apart, with the share of those pairs that lie in one run.
                """)

        @Option(help: "Folder of labelled images, or a set made by `dataset import`.") var data: String
        @Option(help: "Table of file<TAB>run; without it the runs of the manifest.") var runs: String?
        @Option(help: "NAME=TABLE of file<TAB>anything, to compare with; may be repeated.") var compare: [String] = []
        @Option(help: "Number of random halves.") var trials = 8
        @Option(help: "Seed of the halves and of random pairs.") var seed: UInt64 = 1
        @Option(help: "File for everything, as JSON.") var json: String?

        func validate() throws {
            guard trials >= 1 else { throw ValidationError("--trials \(trials): take 1 or more") }
            for argument in compare where argument.split(separator: "=", maxSplits: 1).count != 2 {
                throw ValidationError("--compare \(argument): give NAME=TABLE, as in series=series.tsv")
            }
        }

        func run() throws {
            let (scanned, frames) = try RunData.open(data)
            let dataset = try RunData.withRuns(scanned, table: runs)
            let known = dataset.manifest.entries.map(\.run)
            let inferred = RunInference().assign(frames)
            let report = RunReport(
                coverage: RunCoverage(dataset),
                stability: RunStability(frames, assignments: inferred, trials: trials, seed: seed),
                agreement: try agreement(dataset, inferred: inferred),
                lags: LagTable(frames, runs: known, seed: seed), settings: RunInference().settings, seed: seed)
            if let json { try RunData.write(report.json(), to: URL(fileURLWithPath: json)) }
            print(report.markdown, terminator: "")
        }

        private func agreement(
            _ dataset: Dataset, inferred: [RunInference.Assignment]
        ) throws -> [String: RunAgreement] {
            var found = try compare.reduce(into: [String: RunAgreement]()) { found, argument in
                let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
                found[parts[0]] = RunAgreement(dataset, with: try SampleFacts.table(URL(fileURLWithPath: parts[1])))
            }
            let entries = dataset.manifest.entries
            found["inferred anew"] = RunAgreement(
                labels: entries.map(\.label), runs: entries.map { $0.run ?? SampleFacts.unassigned },
                others: inferred.map { $0.run ?? SampleFacts.unassigned })
            return found
        }
    }

    struct Sheets: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write contact sheets of runs, to be checked by eye.",
            discussion: "The sheets hold the images themselves: never publish or commit what is not yours to publish.")

        @Option(help: "Folder of labelled images, or a set made by `dataset import`.") var data: String
        @Option(help: "Table of file<TAB>run; without it the runs of the manifest.") var runs: String?
        @Option(help: "Folder of the sheets; must not exist.") var out: String

        func run() throws {
            let progress = LabProgress()
            let scanned = try Dataset.load(folder: URL(fileURLWithPath: data), progress: progress.counter("reading"))
            let dataset = try RunData.withRuns(scanned, table: runs)
            let count = try RunSheets(dataset).write(
                to: URL(fileURLWithPath: out), progress: progress.counter("drawing sheets"))
            print("\(count) sheets")
        }
    }
}

/// Reading and writing that the commands of runs share.
enum RunData {
    static func open(_ path: String) throws -> (dataset: Dataset, frames: [RunFrame]) {
        let progress = LabProgress()
        let dataset = try Dataset.load(folder: URL(fileURLWithPath: path), progress: progress.counter("reading"))
        return (dataset, try dataset.runFrames(progress: progress.counter("looking at backgrounds")))
    }

    /// - Throws: `DatasetError` for a table that names other files than the set has, or where no run is known.
    static func withRuns(_ dataset: Dataset, table path: String?) throws -> Dataset {
        var result = dataset
        if let path {
            let runs = try SampleFacts.table(URL(fileURLWithPath: path))
            let facts = SampleFacts(runs: runs)
            try facts.check(against: Set(dataset.manifest.entries.map(\.source)))
            for (position, entry) in dataset.manifest.entries.enumerated() {
                result.manifest.entries[position].run = facts.run(of: entry.source)
            }
        }
        guard result.manifest.entries.contains(where: { $0.run != nil }) else {
            throw DatasetError(
                .impossibleSplit, "no image has a run; name a table with --runs, which `runs infer` writes",
                path: dataset.folder.path)
        }
        return result
    }

    static func write(_ data: Data, to file: URL) throws {
        do { try data.write(to: file, options: .atomic) } catch {
            throw DatasetError(.unwritable, "the file cannot be written: \(error)", path: file.path)
        }
    }
}
