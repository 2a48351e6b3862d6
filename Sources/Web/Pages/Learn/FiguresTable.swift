import Foundation
import Wording

/// The table of figures on the Learn page, with the protocol that gave them.
struct FiguresTable: Sendable {
    /// A figure, rounded for people and exact beside it.
    struct Cell: Sendable {
        let text: String
        let exact: String
    }

    /// One figure in all columns.
    struct Row: Sendable {
        let name: String
        let cells: [Cell]
    }

    /// How the figures were found, in words.
    let procedure: String
    /// Headings of the cells.
    let columns: [String]
    let rows: [Row]

    /// - Returns: Nil where the file holds no figures.
    init?(_ figures: PublishedFigures, text: TextCatalogue) {
        if let found = figures.crossValidation {
            let split = text.find("learn.splits.\(found.split)") ?? text("learn.splits.other", ["split": found.split])
            procedure = text("learn.crossValidated", ["folds": String(found.folds), "split": split])
            columns = [
                text("learn.mean"), text("learn.worst"), text("learn.pooled", ["images": String(found.pooled.images)]),
                text("learn.interval"),
            ]
            rows = Self.rows(text) { figure in
                [
                    Self.cell(found.mean[figure], figure), Self.cell(found.worst[figure], figure),
                    Self.cell(found.pooled.values[figure], figure), Self.cell(found.pooled.intervals[figure], figure),
                ]
            }
        } else if let found = figures.validation {
            procedure = text("learn.validated", ["images": String(found.images)])
            columns = [text("learn.value"), text("learn.interval")]
            rows = Self.rows(text) { figure in
                [Self.cell(found.values[figure], figure), Self.cell(found.intervals[figure], figure)]
            }
        } else {
            return nil
        }
    }

    private static func rows(_ text: TextCatalogue, cells: (PublishedFigures.Figure) -> [Cell]) -> [Row] {
        PublishedFigures.Figure.allCases.map { Row(name: text("learn.names.\($0.rawValue)"), cells: cells($0)) }
    }

    /// A figure that the images do not define is a dash.
    private static func cell(_ value: Double?, _ figure: PublishedFigures.Figure) -> Cell {
        value.map { Cell(text: rounded($0, figure), exact: String($0)) } ?? Cell(text: "–", exact: "")
    }

    private static func cell(_ ends: [Double]?, _ figure: PublishedFigures.Figure) -> Cell {
        guard let ends else { return Cell(text: "–", exact: "") }
        return Cell(
            text: ends.map { rounded($0, figure) }.joined(separator: " – "),
            exact: ends.map { String($0) }.joined(separator: " – "))
    }

    private static func rounded(_ value: Double, _ figure: PublishedFigures.Figure) -> String {
        switch figure {
        case .accuracy, .macroF1, .malignantSensitivity, .benignSpecificity:
            "\(String(format: "%.1f", value * 100))\u{a0}%"
        case .auroc, .ece15, .brier: String(format: "%.3f", value)
        }
    }
}
