import ArgumentParser
import Datasets
import Evaluation
import Formats
import Foundation
import Inference
import Packaging
import Reports
import Screening

/// `leukoscope evaluate`: measures a model over labelled folders.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a model over labelled folders of images.",
        discussion: """
            The folders are named after the classes, for example Benign, Early, Pre and Pro; an imported set with a \
            manifest.csv works too. Every image runs through the whole screening. Metrics are of the network's class on \
            all images; how many would be reported, left uncertain or rejected is counted beside them. The 95 % \
            intervals resample groups of duplicates (patients, where the manifest knows them).

            EXAMPLES
              leukoscope evaluate --data test-images
              leukoscope evaluate --data test-images --model Models/release --json metrics.json --report report

            --report writes a folder; open its index.html in any browser.

            --write-reference keeps in the package's metrics.json how the model answered these images: counts by class, \
            confidence and novelty. Administrators see there how far the answers in use have moved away from them.

            EXIT CODES
              0   every file was measured
              64  wrong usage
              65  at least one file could not be measured (the others were), or there is no labelled image
              69  the model is missing or broken, or the output cannot be written
              70  an error inside the program

            A screening aid for qualified readers, not a diagnosis.
            """)

    @Option(help: ArgumentHelp("The folder that holds the class folders.", valueName: "dir"))
    var data: String

    @Option(help: ArgumentHelp("The directory of the model package.", valueName: "dir"))
    var model: String?

    @Option(help: ArgumentHelp("Write the metrics as JSON to this file; - is standard output.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write an HTML report with charts and the worst mistakes here.", valueName: "dir"))
    var report: String?

    @Flag(help: "Write the distribution of these answers into the package's metrics.json, for the drift charts.")
    var writeReference = false

    func validate() throws {
        if data.isEmpty { throw ValidationError("State the folder of images with --data.") }
    }

    func run() async throws {
        let package = try ModelPackage.open(model)
        let screener = try makeScreener(package)
        let dataset = try openDataset()
        let progress = ProgressLine(verb: "Screened")
        var run = EvaluationRun(dataset: dataset, classKeys: package.description.classes.map(\.key))
        var items = dataset.items.makeIterator()
        try await OrderedTasks.run(
            next: { items.next() },
            width: 2 * (screener.requests + ProcessInfo.processInfo.activeProcessorCount),
            transform: { item in await EvaluationRun.screen(item, with: screener) },
            deliver: { outcome in
                run.add(outcome)
                progress.show(run.done, of: dataset.items.count)
            })
        progress.finish()
        for file in run.excluded { ProgramExit.say("left out: \(file.path): \(file.reason)") }
        guard !run.predictions.isEmpty else {
            throw ProgramExit.stop("no image in \(data) could be measured", ProgramExit.badData)
        }
        let metrics = try run.metrics()
        try writeJSON(metrics)
        if let report {
            let mistakes = await run.mistakes(in: dataset, screener: screener)
            try writeReport(run: run, metrics: metrics, mistakes: mistakes, package: package, to: report)
        }
        if writeReference { try write(run.reference, into: package) }
        if json != "-" { print(EvaluationSummary(metrics: metrics, classes: package.description.classes).text) }
        if let notice = package.description.notice { ProgramExit.say(notice) }
        ProgramExit.say("A screening aid for qualified readers, not a diagnosis.")
        if run.internalErrors > 0 { throw ProgramExit.internalError }
        if !run.excluded.isEmpty { throw ProgramExit.badData }
    }

    private func makeScreener(_ package: ModelPackage) throws -> Screener {
        do {
            return try Screener(package: package, options: InferenceOptions(goal: .throughput))
        } catch {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }

    private func openDataset() throws -> Dataset {
        let progress = ProgressLine(verb: "Examined")
        defer { progress.finish() }
        do {
            return try Dataset.load(folder: URL(fileURLWithPath: data)) { done, total in
                progress.show(done, of: total)
            }
        } catch {
            throw ProgramExit.stop("the images cannot be used: \(error)", ProgramExit.badData)
        }
    }

    private func writeJSON(_ metrics: ClassificationMetrics) throws {
        guard let json else { return }
        let bytes = try JSONFormat.file.data(metrics) + Data([10])
        do {
            if json == "-" {
                try FileHandle.standardOutput.write(contentsOf: bytes)
            } else {
                try bytes.write(to: URL(fileURLWithPath: json), options: .atomic)
            }
        } catch {
            throw ProgramExit.stop("\(json) cannot be written: \(error.localizedDescription)", ProgramExit.unavailable)
        }
    }

    private func write(_ reference: ReferenceDistribution, into package: ModelPackage) throws {
        do {
            let json = try reference.added(to: Data(contentsOf: package.metricsURL))
            try json.write(to: package.metricsURL, options: .atomic)
        } catch {
            throw ProgramExit.stop(
                "the reference cannot be written into \(package.metricsURL.path): \(error)", ProgramExit.unavailable)
        }
        ProgramExit.say("Reference of \(reference.images) images: \(package.metricsURL.path)")
    }

    private func writeReport(
        run: EvaluationRun, metrics: ClassificationMetrics, mistakes: [EvaluationReport.Mistake], package: ModelPackage,
        to folder: String
    ) throws {
        let description = package.description
        let page = EvaluationReport(
            model: "\(description.name) \(description.version)",
            command: CommandLine.arguments.map(Self.quoted).joined(separator: " "), data: data,
            classes: description.classes.map { .init(key: $0.key, displayName: $0.displayName) },
            predictions: run.predictions, metrics: metrics, mistakes: mistakes, excluded: run.excluded,
            notice: description.notice)
        do {
            try page.write(to: URL(fileURLWithPath: folder))
        } catch {
            throw ProgramExit.stop("the report cannot be written: \(error)", ProgramExit.unavailable)
        }
        ProgramExit.say("Report: \(URL(fileURLWithPath: folder).appendingPathComponent("index.html").path)")
    }

    /// As a shell would take it back as one word.
    private static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=,@+".contains($0)) }
        return plain && !word.isEmpty ? word : "'" + word.escaping(["'": "'\\''"]) + "'"
    }
}
