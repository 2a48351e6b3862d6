import Clinic
import Findings
import Formats
import Foundation
import Screening
import Slides
import Wording

/// What `slides read` says about one field.
struct SlideFieldLine {
    /// From 1, the best first.
    let number: Int
    let field: ChosenField
    let micrometresPerPixel: Double
    let outcome: ScreeningOutcome

    private struct Place: Encodable {
        let x: Double, y: Double, width: Double, height: Double
    }

    private struct Look: Encodable {
        let score: Double, coverage: Double, overlap: Double, nuclei: Double
    }

    private struct Line: Encodable {
        let field: Int
        let pixels: SlideRectangle
        let micrometres: Place
        let look: Look
        let answer: ScreeningAnswer
    }

    private var micrometres: Place {
        func length(_ pixels: Int) -> Double { (Double(pixels) * micrometresPerPixel * 10).rounded() / 10 }
        return Place(
            x: length(field.place.x), y: length(field.place.y), width: length(field.place.width),
            height: length(field.place.height))
    }

    /// `{"field","pixels","micrometres","look","answer"}`: the number, where it lies on the slide, what it looks like from afar,
    /// and the object that `predict --json` gives of it.
    /// - Throws: `EncodingError`.
    func json(_ text: TextCatalogue) throws -> String {
        let look = Look(
            score: field.score, coverage: field.coverage, overlap: field.overlap, nuclei: field.nuclei)
        return try JSONFormat.line.text(
            Line(
                field: number, pixels: field.place, micrometres: micrometres, look: look,
                answer: ScreeningAnswer(outcome, text: text)))
    }

    /// A line for people.
    func line(_ text: TextCatalogue) -> String {
        let from = micrometres
        let place =
            "field \(number) at \(SlidesReadCommand.number(from.x, digits: 0)), \(SlidesReadCommand.number(from.y, digits: 0)) µm "
            + "(pixel \(field.place.x), \(field.place.y))"
        let cells = outcome.cells.map { "  white cells: \($0.differential.total)" } ?? ""
        return PredictionLine.answer(file: place, outcome).line(text) + cells
    }
}

/// What `slides read` says about the slide.
struct SlideSummary {
    let file: String
    let shape: SlideShape
    let survey: SurveyedSlide
    let tally: SlideTally
    let end: SlideTally.End

    private struct Rate: Encodable {
        let value: Double, low95: Double, high95: Double

        init(_ rate: VerdictRule.Rate) { (value, low95, high95) = (rate.value, rate.low95, rate.high95) }
        init(_ evidence: FieldEvidence) {
            let interval = evidence.interval
            (value, low95, high95) = (evidence.probability, interval.lowerBound, interval.upperBound)
        }
    }

    private struct Fields: Encodable {
        let read: Int, usable: Int, chosen: Int
    }

    private struct Object: Encodable {
        let slide: String
        let format: String
        let width: Int
        let height: Int
        let micrometresPerPixel: Double
        let parts: [String: Int]
        let fields: Fields
        let verdict: String
        let ended: String
        let urgentWithLeukaemia: Rate?
        let urgentWithout: Rate?
        let whiteCells: Int
        let differential: [String: Int]
        let blastEvidence: Rate?
    }

    private var fields: Fields {
        Fields(read: tally.outcomes.count, usable: tally.verdict().usableCount, chosen: survey.fields.count)
    }

    /// One object: `verdict` is that of a case of these fields; `urgentWithLeukaemia` and `urgentWithout` are how often sets of so
    /// many fields would be called urgently, from the model's package.
    /// - Throws: `EncodingError`.
    func json() throws -> String {
        let verdict = tally.verdict()
        return try JSONFormat.line.text(
            Object(
                slide: file, format: shape.format, width: shape.width, height: shape.height,
                micrometresPerPixel: survey.micrometresPerPixel, parts: survey.parts, fields: fields,
                verdict: verdict.kind.rawValue, ended: end.rawValue,
                urgentWithLeukaemia: verdict.stated.map { Rate($0.withLeukaemia) },
                urgentWithout: verdict.stated.map { Rate($0.without) }, whiteCells: tally.whiteCells,
                differential: Dictionary(uniqueKeysWithValues: tally.counts.map { ($0.key.rawValue, $0.value) }),
                blastEvidence: tally.evidence.map { Rate($0) }))
    }

    /// A line for people. Nothing here reassures: no microscope of a slide is qualified.
    func line() -> String {
        let fields = fields
        let said =
            switch tally.verdict().kind {
            case .urgent: "urgent: have a doctor read this sample now"
            case .unusable, .empty: "no field could be answered"
            case .benign, .undecided, .waiting: "not decided; this is no reassurance"
            }
        let evidence = tally.evidence.map { evidence in
            func share(_ value: Double) -> String { SlidesReadCommand.number(value * 100, digits: 1) }
            let interval = evidence.interval
            return "  blast evidence \(share(evidence.probability)) % (95 %: \(share(interval.lowerBound)) to "
                + "\(share(interval.upperBound)) %)"
        }
        return
            "\(file)  \(said)  fields: \(fields.usable) usable of \(fields.read) read, \(fields.chosen) chosen  white cells: "
            + "\(tally.whiteCells)\(evidence ?? "")"
    }
}
