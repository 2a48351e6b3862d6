import ArgumentParser
import Foundation
import Inference
import Packaging
import Screening
import Wording

/// `leukoscope predict`: classifies images, one line each.
struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classify smear images, one line an image.",
        discussion: """
            Images are JPEG, PNG, TIFF, BMP, WebP or HEIC files; a folder stands for all images in it. The lines come in the \
            order of the images. A file that is no usable image is reported on its line and the rest goes on.

            EXAMPLES
              leukoscope predict smear.jpg
              leukoscope predict --json samples/ > answers.jsonl
              leukoscope predict --heatmap maps smear.jpg

            The model is the one of --model, else of the environment variable LEUKOSCOPE_MODEL, else Models/release \
            here or beside the program.

            EXIT CODES
              0   every image was answered
              64  wrong usage
              65  at least one file was no usable image
              69  the model is missing or broken, or the folder of heat maps cannot be written
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

    func validate() throws {
        if images.isEmpty { throw ValidationError("State at least one image or folder.") }
    }

    func run() async throws {
        let screener = try makeScreener()
        let text = try TextCatalogue(language: "en")
        var maps = try heatmap.map { try HeatmapFolder($0) }
        var paths = ImagePaths(images)
        var tally = PredictionTally()
        let clock = ContinuousClock()
        let start = clock.now
        try await OrderedTasks.run(
            next: {
                paths.next().map { entry -> (ImagePaths.Entry, URL?) in
                    guard case .file(let file) = entry else { return (entry, nil) }
                    return (entry, maps?.place(for: file))
                }
            },
            width: 2 * (screener.engine.requests + ProcessInfo.processInfo.activeProcessorCount),
            transform: { entry, map in try await Self.predict(entry, map: map, screener: screener) },
            deliver: { line in
                tally.count(line)
                try FileHandle.standardOutput.write(
                    contentsOf: Data((try json ? line.json(text) : line.line(text)).utf8 + [10]))
            })
        if paths.skipped > 0 {
            ProgramExit.say("\(paths.skipped) files without an image's extension were passed over.")
        }
        if !json { tally.say(duration: clock.now - start, notice: screener.package.description.notice) }
        if let code = tally.exitCode { throw code }
    }

    private func makeScreener() throws -> Screener {
        let package = try ModelPackage.open(model)
        var isDirectory: ObjCBool = false
        let single =
            images.count == 1
            && !(FileManager.default.fileExists(atPath: images[0], isDirectory: &isDirectory) && isDirectory.boolValue)
        do {
            return try Screener(package: package, options: InferenceOptions(goal: single ? .latency : .throughput))
        } catch {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }

    private static func predict(
        _ entry: ImagePaths.Entry, map: URL?, screener: Screener
    ) async throws -> PredictionLine {
        switch entry {
        case .unreadableFolder(let path, let reason):
            return .problem(file: path, code: "folderUnreadable", message: reason, isInternal: false)
        case .file(let file):
            do {
                let url = URL(fileURLWithPath: file)
                guard let map else { return .answer(file: file, try await screener.screen(contentsOf: url)) }
                let explanation = try await screener.explain(contentsOf: url)
                let picture = try await screener.heatmap(of: explanation)
                try write(picture, to: map)
                return .answer(file: file, explanation.result)
            } catch let error as ExitCode {
                throw error
            } catch {
                return PredictionLine(file: file, error: error)
            }
        }
    }

    private static func write(_ picture: [UInt8], to url: URL) throws {
        do {
            try Data(picture).write(to: url, options: .atomic)
        } catch {
            throw ProgramExit.stop(
                "\(url.path) cannot be written: \(error.localizedDescription)", ProgramExit.unavailable)
        }
    }
}
