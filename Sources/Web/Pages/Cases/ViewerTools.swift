import Findings
import Formats
import Foundation
import Wording

/// What a page with a picture tells the viewer that looks at it: the scale, and the words that the script says.
struct ViewerTools: Sendable {
    /// Micrometres that a pixel of the upright original is wide, with a point; nil where nothing told it, so that nothing can be
    /// measured.
    let scale: String?
    /// A JSON object.
    let words: String

    /// - Parameters:
    ///   - outcome: What the screening found.
    ///   - text: The words.
    init(_ outcome: ScreeningOutcome, text: TextCatalogue) {
        let found = outcome.cells.flatMap { $0.scale.source == .unknown ? nil : $0.scale }
        scale = found.map { String($0.micrometresPerPixel) }
        // Only that of the microscope is a measure; the others rest on red cells being 7.5 µm wide.
        let length = found?.source == .site ? "length" : "aboutLength"
        let pairs = [
            ("length", text("cases.lens.measure.\(length)")), ("start", text("cases.lens.measure.start")),
            ("end", text("cases.lens.measure.end")),
        ]
        do {
            words = try JSONFormat.line.text(Dictionary(uniqueKeysWithValues: pairs))
        } catch {
            // A dictionary of strings always encodes; without its words the script stays quiet.
            words = "{}"
        }
    }
}
