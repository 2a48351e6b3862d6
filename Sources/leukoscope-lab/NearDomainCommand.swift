import ArgumentParser
import Datasets
import Foundation
import Imaging
import Inference
import Packaging
import Screening
import Training

/// `leukoscope-lab near-domain`.
struct NearDomainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "near-domain",
        abstract: "Asks whether a model is sure and wrong about smears that look nearly like its own.",
        discussion: """
            Each image is screened as it is and under every change that another lamp, camera, stain or program makes of it: \
            red cells brought to the size of the labelled images, white balance on the glass, their colours (Reinhard, \
            Macenko), nuclei darkened and lightened, gamma, colour temperature, brightness, JPEG, turns, and several at \
            once. Fields of healthy people, given with their boxes, are brought to the size of red cells first. Counted are \
            reports of Benign on malignant fields, of a malignant class on all others, and what is refused. Every image runs \
            through the whole screening.

            With --folds each network of a cross-validation (--packages) answers its own test images, and its part of the \
            fields of healthy people. --names tells which these are, so that a cell model that learned from none of them can be \
            made and put into each fold's package (cells train and cells pack --except).

            Example: leukoscope-lab near-domain --data SET --folds runs/blocks --healthy bccd=sets/bccd \
            --healthy txl=sets/txl --json docs/results/near-domain.json
            """)

    @Option(help: "Folder of labelled images, or a set made by `dataset import`.")
    var data: String

    @Option(help: "The model package that is asked.")
    var model: String?

    @Option(help: "Folder of a cross-validation on the same images, with the packages of its folds.")
    var folds: String?

    @Option(
        help: ArgumentHelp(
            "A folder of boxed fields of healthy people, Pascal VOC or YOLO; may be given again.",
            valueName: "name=folder"))
    var healthy: [String] = []

    @Flag(help: "The labelled images were squeezed from 4:3 into squares; they are widened first.")
    var squeezed = false

    @Option(
        help: """
            With --folds: only writes fold-1.txt and so on into this folder, the names of the images that each network would be \
            asked about.
            """)
    var names: String?

    @Option(help: "At most so many images of each class and set (in each fold), evenly over their order.")
    var limit: Int?

    @Option(help: "Seed of the strengths.")
    var seed: UInt64 = 1

    @Option(help: "File for the results, as JSON.")
    var json: String?

    func validate() throws {
        guard (model == nil) != (folds == nil) else { throw ValidationError("give either --model or --folds") }
        guard names == nil || folds != nil else { throw ValidationError("--names goes with --folds") }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit is at least 1") }
        for argument in healthy where Self.parts(of: argument) == nil {
            throw ValidationError("--healthy \(argument): give a name and a folder, as in bccd=sets/bccd")
        }
    }

    private static func parts(of argument: String) -> (name: String, folder: URL)? {
        let name = argument.prefix { $0 != "=" }
        guard !name.isEmpty, name.count + 1 < argument.count else { return nil }
        return (String(name), URL(fileURLWithPath: String(argument.dropFirst(name.count + 1))))
    }

    func run() async throws {
        let progress = LabProgress()
        let dataset = try progress.dataset(in: data)
        let images = dataset.items.map(TrainingImage.init)
        let set = URL(fileURLWithPath: data).standardizedFileURL.lastPathComponent
        let labelled = try images.map {
            try NearDomainSubject($0, set: set, aspect: squeezed ? .squeezedFourToThree : .square)
        }
        let others = kept(try NearDomainSubject.healthy(healthy.compactMap(Self.parts)))
        let (model, parts) = try asked(labelled, images, others, manifestSHA256: dataset.manifest.sha256)
        if let names { return try write(parts, into: URL(fileURLWithPath: names)) }
        let reference = try NearDomainSubject.reference(labelled, progress: progress.counter("measuring images"))
        let trial = NearDomainTrial(reference: reference, seed: seed)
        var tally = NearDomainTally()
        for (number, part) in parts.enumerated() {
            let screener = try Screener(
                package: ModelPackage(directory: part.package), options: InferenceOptions(goal: .throughput))
            let label = parts.count > 1 ? "model \(number + 1) of \(parts.count)" : "fields"
            tally.add(
                try await trial.run(
                    part.subjects, width: 2 * ProcessInfo.processInfo.activeProcessorCount,
                    progress: progress.counter(label), screen: { try await screener.screen($0) }))
        }
        let results = NearDomainResults(
            model: model, seed: seed, manifestSHA256: dataset.manifest.sha256, reference: reference, tally: tally)
        if let json { try results.json().write(to: URL(fileURLWithPath: json), options: .atomic) }
        print(results.summary)
    }

    private func write(_ parts: [Part], into folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, part) in parts.enumerated() {
            let lines = part.subjects.map { "\($0.url.lastPathComponent)\n" }.joined()
            try Data(lines.utf8).write(to: folder.appendingPathComponent("fold-\(number + 1).txt"), options: .atomic)
        }
        print("\(folder.path): \(parts.count) lists of images")
    }

    /// A package and the fields that it is asked about.
    private typealias Part = (package: URL, subjects: [NearDomainSubject])

    private func asked(
        _ labelled: [NearDomainSubject], _ images: [TrainingImage], _ others: [NearDomainSubject],
        manifestSHA256: String
    ) throws -> (NearDomainResults.Model, [Part]) {
        if let model {
            let package = URL(fileURLWithPath: model)
            let description = try ModelPackage(directory: package).description
            return (
                .init(name: description.name, version: description.version), [(package, kept(labelled) + others)]
            )
        }
        let networks = try FoldNetworks(directory: URL(fileURLWithPath: folds ?? ""))
        let parts = try networks.folds.enumerated().map { place, fold -> Part in
            let test = try networks.test(fold, items: images, manifestSHA256: manifestSHA256)
            // Nobody's test images: each is asked of one network.
            let share = others.indices.filter { $0 % networks.folds.count == place }.map { others[$0] }
            return (try networks.packageDirectory(fold), kept(test.map { labelled[$0] }) + share)
        }
        return (
            .init(
                name: networks.configuration.architecture, folds: networks.folds.count,
                split: networks.folds[0].split), parts
        )
    }

    private func kept(_ subjects: [NearDomainSubject]) -> [NearDomainSubject] {
        limit.map { NearDomainSubject.limited(subjects, to: $0) } ?? subjects
    }
}
