import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Packaging
import Training

/// `leukoscope-lab novelty`.
struct NoveltyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "novelty",
        abstract: "Tells images that a model should not answer: fits, and compares the ways to do it.",
        subcommands: [Fit.self, Limit.self, Compare.self])
}

extension NoveltyCommand {
    /// `leukoscope-lab novelty fit`.
    struct Fit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes into a model package what its training images look like.",
            discussion: """
                Packages of train have it already; this brings it into older ones. Network and calibration stay as they \
                are. With --config it also chooses, on the benign images that were held out of training, up to which novelty \
                Benign is told (`novelty limit`). The package is replaced in one step. Afterwards `leukoscope evaluate \
                --write-reference` writes the distribution of the scores that the dashboard holds answers against.

                Example: leukoscope-lab novelty fit Models/release --data smears
                """)

        @Argument(help: "The model package.")
        var package: String

        @Option(help: "Folder of the labelled images that the model was made from, or a set made by `dataset import`.")
        var data: String

        @OptionGroup var benign: BenignLimitOptions

        func run() async throws {
            let progress = LabProgress()
            let package = try ModelPackage(directory: URL(fileURLWithPath: package))
            guard benign.config != nil || package.description.novelty.benignThreshold == nil else {
                throw TrainingError(
                    .configuration,
                    "\(package.directory.path) tells Benign up to a novelty only; with other scores that limit has to be chosen "
                        + "anew: give the configuration that it was trained with (--config)")
            }
            let dataset = try progress.dataset(in: data)
            let images = try PreparedImages(dataset, for: package, observe: { progress.show($0) })
            let limit = try await write(package, images, dataset, progress)
            let novelty = try ModelPackage(directory: package.directory).description.novelty
            print(
                String(
                    format: "%@: %d images, a score of %.2f at a distance of %.2f", package.directory.path,
                    dataset.items.count, novelty.threshold, novelty.scale ?? 0))
            if let limit { print(limit.line) }
        }

        /// The fitted package is asked where nobody reads it, and put in place when it is whole.
        private func write(
            _ package: ModelPackage, _ images: PreparedImages, _ dataset: Dataset, _ progress: LabProgress
        ) async throws -> BenignNoveltyLimit? {
            let indices = Array(dataset.items.indices)
            guard benign.config != nil else {
                try package.refitAppearance(on: images, indices: indices)
                return nil
            }
            let place = FileManager.default.temporaryDirectory.appending(path: "novelty-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: place) }  // a leftover temporary folder harms nothing
            let fitted = try package.refitAppearance(on: images, indices: indices, to: place)
            let limit = try await benign.limit(of: fitted, on: dataset, progress)
            try fitted.limitingBenign(to: limit, in: package.directory)
            return limit
        }
    }

    /// `leukoscope-lab novelty limit`.
    struct Limit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes into a model package up to which novelty Benign is told.",
            discussion: """
                Leukaemia that is told Benign is the worst mistake, and strange images are where networks make it. The limit is \
                the lowest at which at most --given-up of the benign images that were held out of training, and would be \
                reported, are left open; it is never above the limit of refusal. No test image and no changed one has a part \
                in it. Malignant classes are told as before. Packages of train have it already.

                Of the set that the package was trained on, --config tells which images were held out; of another set all are \
                asked. The package is replaced in one step; `card` then writes its card anew.

                Example: leukoscope-lab novelty limit Models/release --data smears --config recipe.json
                """)

        @Argument(help: "The model package.")
        var package: String

        @Option(help: "Folder of labelled images, or a set made by `dataset import`.")
        var data: String

        @OptionGroup var benign: BenignLimitOptions

        func run() async throws {
            let progress = LabProgress()
            let package = try ModelPackage(directory: URL(fileURLWithPath: package))
            let limit = try await benign.limit(of: package, on: progress.dataset(in: data), progress)
            try package.limitingBenign(to: limit)
            print("\(package.directory.path): \(limit.line)")
        }
    }

    /// `leukoscope-lab novelty compare`.
    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Holds methods of novelty side by side on the networks of a cross-validation.",
            discussion: """
                For each finished fold of cross-validate every method is fitted on the training images, gets its threshold \
                without the test images, and is asked about the test images and about each --unfamiliar folder: share of \
                test images refused, area under the ROC curve of test images against the others, share of the others that \
                is neither refused nor left open but answered with a malignant class. Nothing is trained, and nothing is \
                fitted on unfamiliar images. Quality limits are left out.

                Example: leukoscope-lab novelty compare --data SET --config recipe.json --run runs/blocks \
                --unfamiliar photographs=photos --unfamiliar blood=bccd --json novelty.json
                """)

        @OptionGroup var options: TrainingOptions

        @Option(name: .customLong("run"), help: "Folder of the cross-validation.")
        var directory: String

        @Option(help: "How its folds were cut: runs, blocks, random, patients or series.")
        var split: SplitMethod = .blocks

        @Option(help: "Number of its folds (series has one a series).")
        var folds = 5

        @Option(
            help: ArgumentHelp(
                "A folder of images that should be refused; may be given again.", valueName: "name=folder"))
        var unfamiliar: [String]

        @Option(help: "File for the results, as JSON.")
        var json: String?

        func validate() throws {
            let names = unfamiliar.map { $0.prefix { $0 != "=" } }
            for (argument, name) in zip(unfamiliar, names)
            where name.isEmpty || name.count + 1 >= argument.count || names.count(where: { $0 == name }) > 1 {
                throw ValidationError(
                    "--unfamiliar \(argument): give a name of its own and a folder, as in photographs=photos")
            }
        }

        func run() throws {
            let progress = LabProgress()
            let configuration = try options.configuration()
            let sets = try unfamiliar.map { argument in
                let name = argument.prefix { $0 != "=" }
                return try UnfamiliarImages(
                    name: String(name), folder: URL(fileURLWithPath: String(argument.dropFirst(name.count + 1))),
                    configuration: configuration)
            }
            let dataset = try progress.dataset(in: options.data)
            let parts = try CrossValidation.Fold.all(
                of: dataset, method: split, count: folds, configuration: configuration)
            let results = try NoveltyTrial(
                configuration: configuration, images: options.prepare(dataset, configuration, progress),
                directory: URL(fileURLWithPath: directory), unfamiliar: sets, pretrained: options.weightsFolder
            ).run(parts, foldStarted: { progress.line("fold \($0) of \(parts.count)") })
            if let json { try results.json().write(to: URL(fileURLWithPath: json), options: .atomic) }
            print(results.markdown, terminator: "")
        }
    }
}
