import ArgumentParser
import Foundation
import Imaging
import Inference
import Packaging
import RemoteInference
import Screening
import Wording

/// `leukoscope predict`: classifies images, one line each.
struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classify smear images, one line an image.",
        discussion: """
            Images are JPEG, PNG, TIFF, BMP, WebP or HEIC files; a folder stands for all images in it. The lines come in the \
            order of the images. A file that is no usable image is reported on its line and the rest goes on. A large image whose \
            red cells can be measured, or whose scale is stated, is read field by field.

            EXAMPLES
              leukoscope predict smear.jpg
              leukoscope predict --json samples/ > answers.jsonl
              leukoscope predict --heatmap maps smear.jpg
              leukoscope predict --cells cells --red-cell-pixels 62 smear.jpg

            --cells writes each white cell as <image>-cell-001.png, and cells.csv with a line a cell: its box in pixels of \
            the upright image, its type, how probable that is, its evidence of a blast (0 to 1), the area of its nucleus in \
            red cells, and the scale.

            The model is the one of --model, else of the environment variable LEUKOSCOPE_MODEL, else Models/release \
            here or beside the program.

            EXIT CODES
              0   every image was answered
              64  wrong usage
              65  at least one file was no usable image
              69  the model is missing or broken, or a folder of pictures cannot be written
              70  an error inside the program

            A screening aid for qualified readers, not a diagnosis.
            """)

    @Argument(help: "Image files or folders.")
    var images: [String]

    @Option(help: ArgumentHelp("The directory of the model package.", valueName: "dir"))
    var model: String?

    @Flag(help: "Write one JSON object a line (JSON Lines).")
    var json = false

    @Option(help: ArgumentHelp("Also write a heat map of each image into this folder.", valueName: "dir"))
    var heatmap: String?

    @Option(help: ArgumentHelp("Also write the white cells of each image into this folder.", valueName: "dir"))
    var cells: String?

    @Option(
        help: ArgumentHelp(
            "How wide a red cell is in the images, in pixels of the upright image; measured if not stated.",
            valueName: "pixels"))
    var redCellPixels: Double?

    @Option(
        help: ArgumentHelp("The language of reasons and faults: en, or another that is installed.", valueName: "tag"))
    var language = TextCatalogue.base

    @OptionGroup(title: "Remote inference")
    var inference: InferenceServerOptions

    func validate() throws {
        let known = try TextLibrary.languages()
        if !known.contains(language) {
            throw ValidationError("--language is one of \(known.joined(separator: ", ")), not “\(language)”.")
        }
        if images.isEmpty { throw ValidationError("State at least one image or folder.") }
        if let redCellPixels, !ImageScale.range.contains(redCellPixels) {
            throw ValidationError("--red-cell-pixels lies from 4 to 2000, not at \(redCellPixels).")
        }
    }

    func run() async throws {
        let remote = try inference.remote { standing in
            if case .local(let reason) = standing { ProgramExit.say("leukoscope: this machine answers: \(reason)") }
        }
        let screener = try makeScreener(remote)
        guard let remote else { return try await predict(with: screener) }
        try await remote.beside { try await predict(with: screener) }
    }

    private func predict(with screener: Screener) async throws {
        let text = try TextCatalogue(language: language)
        if cells != nil, screener.package.description.cells == nil {
            throw ProgramExit.stop(
                "the model \(screener.package.description.name) reads no cells, so --cells has nothing to write",
                ProgramExit.unavailable)
        }
        var maps = try heatmap.map { try PictureFolder($0, for: "heat maps") }
        var crops = try cells.map { try PictureFolder($0, for: "cells") }
        let table = try crops.map { try CellTable(in: $0.url) }
        var paths = ImagePaths(images)
        var tally = PredictionTally()
        let clock = ContinuousClock()
        let start = clock.now
        try await OrderedTasks.run(
            next: {
                paths.next().map { entry in
                    guard case .file(let file) = entry else { return Work(entry: entry) }
                    return Work(
                        entry: entry, redCellPixels: redCellPixels,
                        map: maps?.place(for: file).appendingPathExtension("heatmap.png"),
                        crops: crops?.place(for: file))
                }
            },
            width: 2 * (screener.requests + ProcessInfo.processInfo.activeProcessorCount),
            transform: { try await Self.predict($0, screener: screener, text: text) },
            deliver: { line, cells in
                tally.count(line)
                try table?.add(cells)
                try FileHandle.standardOutput.write(
                    contentsOf: Data((try json ? line.json(text) : line.line(text)).utf8 + [10]))
            })
        if paths.skipped > 0 {
            ProgramExit.say("\(paths.skipped) files without an image's extension were passed over.")
        }
        if !json { tally.say(duration: clock.now - start, notice: screener.package.description.notice) }
        if let code = tally.exitCode { throw code }
    }

    private func makeScreener(_ front: RemoteInference?) throws -> Screener {
        let package = try ModelPackage.open(model)
        var isDirectory: ObjCBool = false
        let single =
            images.count == 1
            && !(FileManager.default.fileExists(atPath: images[0], isDirectory: &isDirectory) && isDirectory.boolValue)
        do {
            return try Screener(
                package: package, options: InferenceOptions(goal: single ? .latency : .throughput), front: front)
        } catch {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }

    /// One image, and what is wanted of it.
    private struct Work: Sendable {
        let entry: ImagePaths.Entry
        var redCellPixels: Double?
        var map: URL?
        /// Path of the crops without number and ending.
        var crops: URL?
    }

    /// - Returns: The line, and the lines of its cells.
    private static func predict(
        _ work: Work, screener: Screener, text: TextCatalogue
    ) async throws -> (PredictionLine, cells: String) {
        switch work.entry {
        case .unreadableFolder(let path, let reason):
            return (.problem(file: path, code: "folderUnreadable", message: reason, isInternal: false), "")
        case .file(let path):
            do {
                let file = try await screener.file(
                    URL(fileURLWithPath: path), redCellPixels: work.redCellPixels)
                if work.map == nil, work.crops == nil {
                    return (.answer(file: path, try await screener.screen(file)), "")
                }
                let explanation = try await screener.explain(file)
                if let map = work.map {
                    try PictureFolder.write(Data(try await screener.heatmap(of: explanation)), to: map)
                }
                if let crops = work.crops {
                    for (cell, picture) in zip(explanation.cells, try await screener.cellPictures(of: explanation)) {
                        let name = "\(crops.path)-cell-\(String(format: "%03d", cell.number)).png"
                        try PictureFolder.write(Data(picture), to: URL(fileURLWithPath: name))
                    }
                }
                return (.answer(file: path, explanation.result), CellTable.lines(explanation, file: path))
            } catch let error as ExitCode {
                throw error
            } catch {
                return (PredictionLine(file: path, error: error, text: text), "")
            }
        }
    }
}
