import ArgumentParser
import Clinic
import Foundation
import Imaging
import Inference
import Offloading
import Packaging
import Screening
import Slides
import Wording

/// `leukoscope slides read`: screens the best fields of a slide, one line a field, and what they say together.
struct SlidesReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Screen the best fields of a slide's monolayer.",
        discussion: """
            The slide is searched at low magnification for the part where cells lie in one layer; of that the best fields are \
            screened, the best first, until the fields together ask for an urgent reading by the rule of the model's package, \
            --white-cells are found, --fields are read, or none is left. With --all reading goes on when they ask for an urgent \
            reading.

            A field's place is told in pixels of the slide and in µm from its upper left corner.
            """)

    @Argument(help: "A slide, or the folder of an MRXS slide.")
    var file: String

    @Option(help: "How many fields are read at most, 1 to 500.")
    var fields = 20

    @Flag(help: "Read all of these fields, even when they ask for an urgent reading before.")
    var all = false

    @Option(help: "End when so many white cells were found; a differential wants 100 at least.")
    var whiteCells: Int?

    @Option(help: ArgumentHelp("The directory of the model package.", valueName: "dir"))
    var model: String?

    @Flag(help: "Write one JSON object a line: one for each field, and the last for the slide.")
    var json = false

    @Option(help: ArgumentHelp("Also write the white cells of each field into this folder.", valueName: "dir"))
    var cells: String?

    @Option(help: ArgumentHelp("How wide a pixel of the slide is, where the file does not tell.", valueName: "µm"))
    var micrometresPerPixel: Double?

    func validate() throws {
        if !(1...500).contains(fields) { throw ValidationError("--fields lies from 1 to 500, not at \(fields).") }
        if let whiteCells, whiteCells < 1 {
            throw ValidationError("--white-cells is at least 1, not \(whiteCells).")
        }
        let scales = SlideFile.scales
        if let micrometresPerPixel, !scales.contains(micrometresPerPixel) {
            throw ValidationError(
                "--micrometres-per-pixel lies between \(scales.lowerBound) and \(scales.upperBound), not at "
                    + "\(micrometresPerPixel).")
        }
    }

    func run() async throws {
        let package = try ModelPackage.open(model)
        if cells != nil, package.description.cells == nil {
            throw ProgramExit.stop(
                "the model \(package.description.name) reads no cells, so --cells has nothing to write",
                ProgramExit.unavailable)
        }
        let screener: Screener
        do { screener = try Screener(package: package, options: InferenceOptions(goal: .latency)) } catch {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        }
        do {
            try await read(with: screener)
        } catch let error as SlideError {
            throw SlidesCommand.stop(error)
        } catch let error where error is ImagingError || error is ScreeningError {
            throw ProgramExit.stop("a field of \(file): \(ProgramExit.words(error))", ProgramExit.badData)
        }
    }

    private func read(with screener: Screener) async throws {
        let text = try TextCatalogue(language: TextCatalogue.base)
        let (file, most, given) = (file, fields, micrometresPerPixel)
        let (worker, survey) = try await Offloading.process.wait {
            let worker = try SlideWorker(path: file)
            return (worker, try worker.survey(fields: most, micrometresPerPixel: given))
        }
        guard !survey.fields.isEmpty else {
            let parts = SlideSurvey.Part.allCases.map { "\($0.rawValue) \(survey.parts[$0.rawValue] ?? 0)" }
            throw SlideError(
                .noMonolayer,
                "no field of \(file) shows cells in one layer (fields: \(parts.joined(separator: ", "))); scan a part behind the "
                    + "thick one, before the feathered edge")
        }
        let crops = try cells.map { try PictureFolder($0, for: "cells") }
        let table = try crops.map { try CellTable(in: $0.url) }
        var end = survey.fields.count < fields ? SlideTally.End.exhausted : .fields
        var tally = SlideTally(rule: screener.package.verdict)
        for (index, field) in survey.fields.enumerated() {
            let explanation = try await explain(field, worker: worker, survey: survey, screener: screener)
            tally.add(explanation.result)
            let line = SlideFieldLine(
                number: index + 1, field: field, micrometresPerPixel: survey.micrometresPerPixel,
                outcome: explanation.result)
            try say(json ? line.json(text) : line.line(text))
            if let crops {
                let name = "\(String(format: "field-%03d", index + 1))"
                for (cell, picture) in zip(explanation.cells, try await screener.cellPictures(of: explanation)) {
                    let number = String(format: "%03d", cell.number)
                    try PictureFolder.write(
                        Data(picture), to: crops.url.appendingPathComponent("\(name)-cell-\(number).png"))
                }
                try table?.add(CellTable.lines(explanation, file: name))
            }
            if let reached = reached(tally, waiting: survey.fields.count - index - 1) {
                end = reached
                break
            }
        }
        let summary = SlideSummary(file: file, shape: worker.shape, survey: survey, tally: tally, end: end)
        try say(json ? summary.json() : summary.line())
        if !json, let notice = screener.package.description.notice { ProgramExit.say(notice) }
    }

    /// Why reading may end after this field; nil where it goes on.
    private func reached(_ tally: SlideTally, waiting: Int) -> SlideTally.End? {
        if !all, tally.verdict(waiting: waiting).kind == .urgent { return .urgent }
        if let whiteCells, tally.whiteCells >= whiteCells { return .whiteCells }
        return nil
    }

    private func explain(
        _ field: ChosenField, worker: SlideWorker, survey: SurveyedSlide, screener: Screener
    ) async throws -> ScreeningExplanation {
        let scale = SiteScale.micrometresPerPixel(survey.micrometresPerPixel)
        let (bytes, limits) = try await Offloading.process.wait {
            // Cells are read at level 0; a field there is a few hundred to a few thousand pixels wide.
            (try ImageEncoder.png(worker.read(field.place), level: 1), screener.limits)
        }
        guard bytes.count <= limits.maximumBytes else {
            throw SlideError(
                .beyondLimits, "a field of \(file) takes \(bytes.count) bytes; \(limits.maximumBytes) are screened")
        }
        return try await screener.explain(ScreenedFile(bytes, site: scale))
    }

    private func say(_ line: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    static func number(_ value: Double, digits: Int) -> String {
        String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
    }
}
