import ArgumentParser
import Formats
import Foundation
import Slides

/// `leukoscope slides`: whole slides of scanners.
struct SlidesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slides",
        abstract: "Look into whole slides, and screen their best fields.",
        discussion: """
            Slides are SVS, NDPI, MRXS (the file or its folder), SCN, BIF and TIFF files with tiles, such as \
            `vips tiffsave --tile --pyramid` makes of a picture. DICOM needs OpenSlide 4.

            A slide is read by a process of its own with bounds on memory and time, so that a broken file ends that process alone.

            EXAMPLES
              leukoscope slides info smear.svs
              leukoscope slides read smear.svs --fields 20
              leukoscope slides read smear.tif --micrometres-per-pixel 0.25 --json

            EXIT CODES
              0   the slide was read
              64  wrong usage
              65  the slide cannot be read, has no monolayer, or ended the process that reads it
              69  the model is missing or broken, or a folder cannot be written
              70  an error inside the program

            A screening aid for qualified readers, not a diagnosis.
            """,
        subcommands: [SlidesInfoCommand.self, SlidesReadCommand.self])

    /// Ends the command with what a slide's error says.
    static func stop(_ error: SlideError) -> any Error {
        ProgramExit.stop(error.message, error.code == .outOfMemory ? ProgramExit.internalError : ProgramExit.badData)
    }
}

/// `leukoscope slides info`: what a slide says of itself.
struct SlidesInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Tell format, levels, scale and associated images of a slide.")

    @Argument(help: "A slide, or the folder of an MRXS slide.")
    var file: String

    @Flag(help: "Write one JSON object.")
    var json = false

    func run() async throws {
        let shape: SlideShape
        do { shape = try SlideWorker(path: file).shape } catch { throw SlidesCommand.stop(error) }
        if json {
            print(try JSONFormat.line.text(shape))
            return
        }
        let scale = shape.micrometresPerPixel.map { "\(SlidesReadCommand.number($0, digits: 4)) µm a pixel" }
        print("\(file)  \(shape.format)  \(shape.width) × \(shape.height) pixels  \(scale ?? "scale not stated")")
        if let power = shape.objectivePower { print("objective  \(SlidesReadCommand.number(power, digits: 0))×") }
        for (number, level) in shape.levels.enumerated() {
            let reduced = SlidesReadCommand.number(level.downsample, digits: 2)
            print("level \(number)  \(level.width) × \(level.height)  1/\(reduced)")
        }
        for image in shape.associatedImages { print("image “\(image.name)”  \(image.width) × \(image.height)") }
    }
}

/// `leukoscope slides-worker`: the process that reads slides, started by the program itself.
struct SlidesWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slides-worker", abstract: "Read slides for another process, over standard input and output.",
        shouldDisplay: false)

    func run() throws {
        do { try SlideService.bound() } catch { throw ProgramExit.stop(error.message, ProgramExit.unavailable) }
        SlideService.serve()
    }
}
