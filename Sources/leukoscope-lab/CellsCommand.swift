import ArgumentParser
import Cells
import Findings
import Foundation
import Imaging
import Packaging
import Training

/// `leukoscope-lab cells`.
struct CellsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cells",
        abstract: "Trains and measures what finds and reads single cells.",
        subcommands: [Train.self, Evaluate.self, Pack.self, Fit.self])
}

/// What both need.
struct CellOptions: ParsableArguments {
    @Option(help: "JSON file of the recipe: what to learn from, and how.")
    var config: String

    @Option(help: "Folder in which the sets of the recipe lie.")
    var data: String

    @Option(help: "A laboratory of the recipe that is not learned from; may be given again.")
    var without: [String] = []

    @Option(
        help: """
            File with the names of images, one a line without folders, that are neither learned from nor held out: those that \
            the model is to be asked about (near-domain --names).
            """)
    var except: String?

    func configuration() throws -> CellTrainingConfiguration {
        let configuration = try CellTrainingConfiguration.read(from: URL(fileURLWithPath: config))
        let names = Set(configuration.sources.map(\.laboratory))
        if let unknown = without.first(where: { !names.contains($0) }) {
            throw TrainingError(
                .configuration,
                "\(config) has no laboratory \(unknown); it has \(names.sorted().joined(separator: ", "))")
        }
        return configuration
    }

    /// Laboratories that are learned from.
    func learned(_ configuration: CellTrainingConfiguration) -> [String] {
        let names = Set(configuration.sources.filter(\.isLearned).map(\.laboratory))
        return names.subtracting(without).sorted()
    }

    func smears(_ sources: [CellSource]) throws -> [LabelledSmear] {
        let smears = try sources.flatMap { try $0.smears(in: URL(fileURLWithPath: data)) }
        guard let except else { return smears }
        let names = Set(try MeasurementFiles.text(in: except).split(whereSeparator: \.isNewline).map(String.init))
        let kept = smears.filter { smear in smear.name.map { !names.contains($0) } ?? true }
        guard kept.count < smears.count else {
            throw TrainingError(
                .configuration, "\(except) names none of the \(smears.count) images in \(data); give names as image.jpg"
            )
        }
        return kept
    }
}

extension CellsCommand {
    /// `leukoscope-lab cells train`.
    struct Train: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trains the two networks of a cell model.",
            discussion: """
                The folder gets cells.json, cells-find.onnx and cells-read.onnx. A fifth of each set, by groups, is held \
                out for calibration and figures. After a crash the same command with --resume goes on where it was last kept, \
                at most 100 steps before; Ctrl-C ends it at once.

                \(ProcessOptions.explanation)

                Example: leukoscope-lab cells train --config Recipes/cells.json --data DATA --out Models/cells
                """)

        @OptionGroup var options: CellOptions
        @OptionGroup var processes: ProcessOptions

        @Option(help: "Folder of the cell model; made if missing.")
        var out: String

        @Flag(help: "Go on with the training in --out, if there is one.")
        var resume = false

        func run() throws {
            let progress = LabProgress()
            let configuration = try options.configuration()
            let group = try processes.join("cells train", progress)
            let learned = options.learned(configuration)
            let smears = try options.smears(configuration.sources.filter { learned.contains($0.laboratory) })
            progress.line("\(smears.count) images of \(learned.joined(separator: ", "))")
            try CellModelTraining(configuration).run(
                smears, into: URL(fileURLWithPath: out),
                provenance: "Learned from \(learned.joined(separator: ", ")), seed \(configuration.seed).",
                resume: resume, group: group
            ) { event in
                switch event {
                case .prepared(let fields, let cells): progress.line("\(fields) fields, \(cells) cells")
                case .finder(let step, let loss) where step % 100 == 0:
                    progress.line(String(format: "finder, step %d, loss %.4f", step, loss))
                case .reader(let step, let loss) where step % 100 == 0:
                    progress.line(String(format: "reader, step %d, loss %.4f", step, loss))
                case .calibrated(let fit):
                    progress.line(String(format: "evidence %.2f + %.2f x answer", fit.shift, fit.scale))
                case .finder, .reader: break
                }
            }
            guard group.isFirst else { return progress.line("process 0 writes the model") }
            print(out)
        }
    }

    /// `leukoscope-lab cells evaluate`.
    struct Evaluate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures a cell model on what it has not learned from.",
            discussion: """
                Of laboratories that were learned from the held-out fifth is taken, of others all. Size, darkness and density \
                alone stand beside each area under the ROC curve.

                Example: leukoscope-lab cells evaluate --config Recipes/cells.json --data DATA --model Models/cells \
                --json docs/results/cells.json
                """)

        @OptionGroup var options: CellOptions

        @Option(help: "Folder of the cell model.")
        var model: String

        @Option(help: "File for the results, as JSON.")
        var json: String?

        func run() throws {
            let progress = LabProgress()
            let configuration = try options.configuration()
            let results = try CellEvaluation(model: URL(fileURLWithPath: model), configuration: configuration).run(
                options.smears(configuration.sources), learnedFrom: options.learned(configuration)
            ) { progress.count("reading", $0, of: $1) }
            let data = try results.json()
            if let json { try data.write(to: URL(fileURLWithPath: json), options: .atomic) }
            print(String(decoding: data, as: UTF8.self))
        }
    }
}

extension CellsCommand {
    /// `leukoscope-lab cells pack`.
    struct Pack: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a cell model into a model package, so that two readers have to agree.",
            discussion: """
                The field network stays as it is. Between which evidence the cells contradict neither class is chosen on \
                held-out fields of the recipe's sets with classes, read as they would arrive.

                Example: leukoscope-lab cells pack --config Recipes/cells.json --data DATA --model Models/cells \
                --package Models/release --version 3.0.0 --history docs/model-history.md
                """)

        @OptionGroup var options: CellOptions

        @Option(help: "Folder of the cell model.")
        var model: String

        @Option(help: "The model package, which is replaced.")
        var package: String

        @Option(help: "Version of the package that is made.")
        var version: String

        @Option(help: "Markdown file about earlier versions, for the card.")
        var history: String?

        @Option(help: "Share of held-out fields without leukaemia that may be told benign, 0 to 1.")
        var benignKept = 0.95

        @Option(help: "Share of held-out fields with leukaemia that may be told malignant, 0 to 1.")
        var malignantKept = 0.98

        @Option(
            help: """
                Red cells along the shorter side of an image whose scale nothing tells; by default \
                \(Int(DrawnSmear.redCellsAcross)) where all fields are drawn, else 12.
                """)
        var redCellsAcross: Double?

        func validate() throws {
            for share in [benignKept, malignantKept] where !(0...1).contains(share) {
                throw ValidationError("A share lies from 0 to 1, not at \(share).")
            }
        }

        func run() throws {
            let progress = LabProgress()
            let configuration = try options.configuration()
            let fields = configuration.sources.filter { $0.kind == .classes || $0.kind == .drawn }.map { source in
                // As they arrive.
                var source = source
                source.stretch = nil
                return source
            }
            let isDrawn = !fields.isEmpty && fields.allSatisfy { $0.kind == .drawn }
            let redCellsAcross = redCellsAcross ?? (isDrawn ? DrawnSmear.redCellsAcross : 12)
            let released = try ModelPackage(directory: URL(fileURLWithPath: package))
            let folder = URL(fileURLWithPath: model)
            let agreement = try CellAgreement(
                CellReader(folder: folder), options.smears(fields), redCellsAcross: redCellsAcross,
                benignKept: benignKept, malignantKept: malignantKept
            ) { progress.count("reading", $0, of: $1) }
            let made = try released.adding(
                cells: folder, agreement: agreement, redCellsAcross: redCellsAcross, version: version,
                history: history.map(MeasurementFiles.text), to: released.directory)
            let limits = agreement.limits
            progress.line(
                String(
                    format: "Benign up to an evidence of %.3f (%.1f %% of %d fields), "
                        + "malignant from %.3f on (%.1f %% of %d)",
                    limits.benignMaximum, 100 * agreement.benignKept, agreement.benign, limits.malignantMinimum,
                    100 * agreement.malignantKept, agreement.malignant))
            print(made.directory.path)
        }
    }
}

extension CellsCommand {
    /// `leukoscope-lab cells fit`.
    struct Fit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fits the cell model of a package to a microscope, from fields of healthy people.",
            discussion: """
                The evidence of every cell is shifted so that the normal cells of this microscope lie where those of training \
                lay; no network changes. The report tells how sure the shift is with how many cells. For that microscope alone.

                Example: leukoscope-lab cells fit --package Models/release --normal healthy --name ours --out runs/ours
                """)

        @Option(help: "The model package to begin with.")
        var package: String

        @Option(help: "Folder of fields of healthy people from the microscope: JPEG or PNG.")
        var normal: String

        @Option(help: "How wide a red cell is in all of them, in pixels; measured and pooled if not stated.")
        var redCellPixels: Double?

        @Option(help: "Name of the package that is made.")
        var name: String

        @Option(help: "Version of the package that is made.")
        var version = "1.0.0"

        @Option(help: "Folder of the package that is made.")
        var out: String

        func run() throws {
            let progress = LabProgress()
            let released = try ModelPackage(directory: URL(fileURLWithPath: package))
            guard let folder = released.cellModelURL, let cells = released.description.cells else {
                throw TrainingError(.configuration, "\(package) reads no cells")
            }
            let reader = try CellReader(folder: folder)
            let files = try CellSource.images(in: URL(fileURLWithPath: normal))
            let readings = try files.enumerated().map { number, file in
                progress.count("reading", number + 1, of: files.count)
                return try reader.read(
                    ImageDecoder.decode(Array(Data(contentsOf: file))), given: redCellPixels,
                    redCellsAcross: cells.redCellsAcross)
            }
            let fitted = try SiteCalibration(normal: readings, of: reader.description)
            let made = try released.fitting(
                cells: fitted.applied(to: reader.description), words: fitted.words, name: name, version: version,
                to: URL(fileURLWithPath: out))
            progress.line(fitted.words)
            print(made.directory.path)
        }
    }
}
