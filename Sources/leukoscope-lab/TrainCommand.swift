import ArgumentParser
import Datasets
import Evaluation
import Findings
import Foundation
import Packaging
import Training

/// `leukoscope-lab train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a network and writes a model package.",
        discussion: """
            RUN/ gets configuration.json, history.csv, curves.svg (loss and accuracy over the epochs), \
            checkpoint.safetensors after each epoch, and package/ at the end. After Ctrl-C, a crash or a power cut the \
            same command with --resume goes on after the last whole epoch and ends with the same weights.

            \(ProcessOptions.explanation)

            No package is made of a training that came to nothing: a class without images or with a single one (told before \
            anything is trained), or held-out images answered no better than by guessing. --despite "REASON" makes it all the \
            same, and the card says so. The card tells what the images are, with the text of --source.

            Example: leukoscope-lab train --data smears --out runs/first --epochs 8
            """)

    @OptionGroup var options: TrainingOptions
    @OptionGroup var processes: ProcessOptions

    @Option(help: "Folder of the run; made if missing.")
    var out: String

    @Flag(help: "Go on with the training in --out, if there is one.")
    var resume = false

    @Option(help: "Name of the model.")
    var name = "leukoscope"

    @Option(help: "Version of the model.")
    var modelVersion = "1.0.0"

    @Flag(help: "Mark the package as trained on drawn smears.")
    var demonstration = false

    @Option(help: "results.json of a cross-validation of the same recipe, to be carried in the package.")
    var crossValidation: String?

    @Option(help: "results.json of a cross-validation of the split series, to be carried in the package.")
    var series: String?

    @Option(help: "Markdown file about earlier versions, for the card.")
    var history: String?

    @Option(help: "Markdown file that says where the images come from, for the card.")
    var source: String?

    @Option(help: ArgumentHelp("Make a package of a training that came to nothing.", valueName: "reason"))
    var despite: String?

    func validate() throws {
        if let despite, despite.trimmingCharacters(in: .whitespaces).count < 8 {
            throw ValidationError("--despite needs a reason that others will understand")
        }
    }

    func run() throws {
        let progress = LabProgress()
        let configuration = try options.configuration()
        let group = try processes.join("train", progress)
        let interrupt = InterruptFlag()
        let folder = URL(fileURLWithPath: out)
        // Refuses before hours of reading.
        let hasBegun = try group.first { try Trainer.hasBegun(in: folder, resume: resume) }
        var measured = try group.isFirst ? measurements() : .init()
        let source = try group.isFirst ? source.map(MeasurementFiles.text) : nil
        let dataset = try options.dataset(configuration, progress)
        measured.data = TrainingData(dataset.manifest, source: source)
        let all = Array(dataset.items.indices)
        let validation = try Split.validation(
            of: all, in: dataset, fraction: configuration.validationFraction, seed: configuration.seed)
        let parts = Trainer.Parts(
            training: Split.training(without: validation, of: dataset), validation: validation)
        var faults = TrainingFault.all(
            inLabels: parts.training.map { dataset.items[$0].label }, classKeys: SmearClass.keys)
        try tell(faults, progress)
        let images = try options.prepare(dataset, configuration, progress)
        // A run that goes on keeps the configuration that it began with; another one is refused below.
        if group.isFirst, !hasBegun {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try configuration.json().write(to: folder.appendingPathComponent("configuration.json"), options: .atomic)
        }
        let outcome = try TrainingRun(
            configuration: configuration, images: images, parts: parts, directory: folder,
            pretrained: options.weightsFolder, group: group
        ).run(resume: resume, observe: { progress.show($0) }, shouldStop: { interrupt.isRaised })
        let answered = TrainingFault.all(
            labels: outcome.validation.labels, answers: outcome.validation.logits.map(\.argmax))
        try tell(answered, progress)
        faults += answered
        guard group.isFirst else { return progress.line("process 0 writes the package") }
        measured.despite = despite.flatMap { faults.isEmpty ? nil : DespiteFaults(faults, reason: $0) }
        let package = try ModelRelease(
            configuration: configuration, images: images, parts: parts,
            identity: .init(name: name, version: modelVersion, demonstration: demonstration)
        ).write(outcome, measured: measured, to: folder.appendingPathComponent("package"))
        print(package.directory.path)
    }

    private func measurements() throws -> ModelRelease.Measurements {
        try MeasurementFiles.read(crossValidation: crossValidation, series: series, history: history)
    }

    /// Warns, and ends here where nobody wants a package all the same.
    private func tell(_ faults: [TrainingFault], _ progress: LabProgress) throws {
        for fault in faults { progress.line("warning: \(fault)") }
        guard faults.isEmpty || despite != nil else {
            throw TrainingError(
                .data,
                "no package is made: \(faults.map(\.description).joined(separator: "; ")); --despite \"REASON\" makes one all "
                    + "the same")
        }
    }
}
