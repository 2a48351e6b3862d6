import ArgumentParser
import Datasets
import Findings
import Foundation

/// `leukoscope-lab dataset`: import, check, split.
struct DatasetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset",
        abstract: "Make a labelled folder into a data set that can be trusted.",
        discussion: """
            A data set is a folder with images and a manifest: class, SHA-256, size, source and duplicate group of each.
            Images of one duplicate group never lie in two folds.

            Example:
              leukoscope-lab dataset import photographs --into sets/laboratory
              leukoscope-lab dataset check sets/laboratory
              leukoscope-lab dataset split sets/laboratory --method blocks --folds 5
            """,
        subcommands: [Import.self, Check.self, Split.self])
}

extension DatasetCommand {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy labelled folders into a new data set.",
            discussion: """
                Classes come from folder names: Benign, Early, Pre, Pro, or the long names such as "[Malignant] Pre-B".
                Files that cannot be used are listed with the reason in rejected.csv, folders that cannot be read and links
                too; the exit code is then 65. What macOS and Windows write beside files, and segmented images where the
                originals lie beside them (Original/Benign/1.jpg, Segmented/Benign/1.jpg), are left out and listed as well.

                A folder with a manifest.csv, such as one that `leukoscope readings export` wrote, gives the files that the
                manifest names, with their patients, series and runs; a file that is not the one it names is refused.
                """)

        @Argument(help: "Folder that holds the class folders.", completion: .directory) var folder: String
        @Option(help: "Folder of the new data set; must not exist.") var into: String
        @Option(help: "Table of file<TAB>acquisition series.") var series: String?
        @Option(help: "Table of file<TAB>patient.") var patients: String?
        @Option(help: "Table of file<TAB>acquisition run, as `runs infer` writes it.") var runs: String?

        func run() throws {
            let facts = SampleFacts(
                patients: try patients.map { try SampleFacts.table(URL(fileURLWithPath: $0)) } ?? [:],
                series: try series.map { try SampleFacts.table(URL(fileURLWithPath: $0)) } ?? [:],
                runs: try runs.map { try SampleFacts.table(URL(fileURLWithPath: $0)) } ?? [:])
            let dataset = try Dataset.importing(
                URL(fileURLWithPath: folder), into: URL(fileURLWithPath: into), facts: facts,
                progress: LabProgress().counter("reading"))
            summarize(dataset)
            if let cells = try CellCollection(in: dataset.folder)?.counts {
                let counts = CellType.allCases.compactMap { type in cells[type].map { "\(type.folder) \($0)" } }
                print("\(cells.values.reduce(0, +)) single cells: \(counts.joined(separator: ", "))")
            }
            guard dataset.rejected.allSatisfy(\.reason.isExpected) else { throw ExitCode(65) }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every file again and compare it with the manifest.",
            discussion: "A folder without a manifest is scanned in place. The exit code is 65 when anything is wrong.")

        @Argument(help: "Folder of the data set.", completion: .directory) var set: String

        func run() throws {
            let progress = LabProgress()
            let dataset = try Dataset.load(folder: URL(fileURLWithPath: set), progress: progress.counter("reading"))
            let check = try DatasetCheck(dataset, progress: progress.counter("checking"))
            summarize(dataset)
            for finding in check.findings {
                print("\(finding.problem.rawValue)\t\(finding.file)\t\(finding.detail)")
            }
            guard check.findings.isEmpty, dataset.rejected.allSatisfy(\.reason.isExpected) else { throw ExitCode(65) }
            print("sound: every file is as the manifest says")
        }
    }

    struct Split: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the fold of every image into the manifest.",
            discussion: """
                runs      groups of whole acquisition runs; needs the column, which `runs infer` writes
                blocks    contiguous file numbers in each class; leaks where runs alternate
                random    stratified and seeded; leaks, only to compare with papers
                patients  all images of a patient in one fold; needs the column
                series    one fold for each acquisition series; needs the column
                """)

        @Argument(help: "Folder of the data set.", completion: .directory) var set: String
        @Option(help: "runs, blocks, random, patients or series.") var method = SplitMethod.blocks
        @Option(help: "Number of folds, at least 2; series has its own.") var folds = 5
        @Option(help: "Seed of the random split.") var seed: UInt64 = 0

        func run() throws {
            let folder = URL(fileURLWithPath: set)
            let manifest = try Manifest(contentsOf: folder.appendingPathComponent(Dataset.manifestName))
            let dataset = Dataset(folder: folder, manifest: manifest)
            let folds = try Datasets.Split.folds(of: dataset, method: method, count: folds, seed: seed)
            let divided = dataset.assigning(folds)
            try divided.manifest.write(to: folder.appendingPathComponent(Dataset.manifestName))
            for (fold, positions) in folds.enumerated() {
                let counts = SmearClass.allCases.map { smearClass in
                    "\(smearClass.rawValue) \(positions.count { manifest.entries[$0].label == smearClass.index })"
                }
                print("fold \(fold): \(positions.count) images, \(counts.joined(separator: ", "))")
            }
            print("manifest SHA-256 \(divided.manifest.sha256)")
        }
    }
}

extension SplitMethod: ExpressibleByArgument {}

private func summarize(_ dataset: Dataset) {
    let counts = zip(SmearClass.keys, dataset.classCounts).map { "\($0) \($1)" }.joined(separator: ", ")
    print("\(dataset.manifest.entries.count) images: \(counts)")
    print("\(dataset.duplicateGroups) groups of exact or near duplicates")
    for file in dataset.rejected {
        let verb = file.reason.isExpected ? "left out" : "refused"
        print("\(verb)\t\(file.file)\t\(file.reason.rawValue): \(file.detail)")
    }
    print("manifest SHA-256 \(dataset.manifest.sha256)")
}
