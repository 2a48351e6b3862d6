import ArgumentParser
import Datasets
import Findings
import Foundation
import Packaging
import Training

/// `leukoscope-lab audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Asks what a model leans on: colour, scale bars, light, or cells.",
        discussion: """
            Linear classifiers show how far the answer lies open in colour or in the corner of the scale bar alone. The \
            networks of a cross-validation are then asked about their own test images as they are and changed (scale bar \
            masked, greyscale, stain and light shifted, blurred, recompressed), how much of their activation maps lies on \
            nuclei, and whether the maps tell what the networks go by. A naive recipe may stand beside them.

            Example: leukoscope-lab audit --data SET --run runs/blocks --naive runs/naive --json docs/results/audit.json
            """)

    @Option(help: "Folder of labelled images, or a set made by `dataset import`: the one that was cross-validated.")
    var data: String

    @Option(name: .customLong("run"), help: "Folder of the cross-validation to audit, with its fold-1 and so on.")
    var audited: String?

    @Option(
        help: """
            Folder of the cross-validation of a naive recipe on the same images, or the results (JSON) of an audit that \
            measured it before.
            """)
    var naive: String?

    @Option(help: "File for the results, as JSON; without it they go to standard output.")
    var json: String?

    @Option(help: "About how many images of each recipe are taken apart for its explanations; 0 for none.")
    var explained = 120

    @Option(help: "Folds of the linear classifiers; 0 leaves them out.")
    var baselineFolds = 5

    @Option(help: "Threads within libtorch; 0 takes all processors.")
    var threads = 0

    @Option(help: ArgumentHelp("Folder of ImageNet weights.", visibility: .hidden))
    var weights: String?

    func validate() throws {
        guard explained >= 0, baselineFolds == 0 || baselineFolds >= 2, threads >= 0 else {
            throw ValidationError("--explained and --threads cannot be negative; --baseline-folds is 0, or 2 and more")
        }
        guard audited != nil || naive == nil else { throw ValidationError("--naive stands beside a --run") }
        guard audited != nil || baselineFolds > 0 else {
            throw ValidationError("nothing to audit: give --run, or --baseline-folds of 2 and more")
        }
    }

    /// The results that `--naive` names, where it names a file.
    private func naiveMeasuredBefore() throws -> AuditResults? {
        guard let naive else { return nil }
        let file = URL(fileURLWithPath: naive)
        return file.hasDirectoryPath ? nil : try AuditResults(file: file)
    }

    func run() throws {
        let progress = LabProgress()
        let dataset = try progress.dataset(in: data)
        let measured = try naiveMeasuredBefore()
        let folders = [("audited", audited), (AuditResults.Recipe.naive, measured == nil ? naive : nil)]
        let recipes = try folders.compactMap { name, folder in
            try folder.map { (name: name, networks: try FoldNetworks(directory: URL(fileURLWithPath: $0))) }
        }
        var results = try Audit(
            dataset: dataset, classKeys: SmearClass.keys,
            pretrained: TrainingOptions.weightsFolder(weights), explained: explained,
            progress: { progress.count($0, $1, of: $2) }
        ).run(recipes: recipes, baselineFolds: baselineFolds > 0 ? baselineFolds : nil, threads: threads)
        if let measured { try results.setBeside(measured) }
        let bytes = try results.json()
        guard let json else { return print(String(decoding: bytes, as: UTF8.self)) }
        try bytes.write(to: URL(fileURLWithPath: json), options: .atomic)
        progress.line("wrote \(json)")
    }
}
