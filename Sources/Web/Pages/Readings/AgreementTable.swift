import Evaluation
import Foundation
import Wording

/// The parts of a page on how people agree with the network: κ in words, and the table of counts.
enum AgreementTable {
    /// κ in words.
    struct Kappa: Sendable {
        let value: String
        let exact: String
        /// nil where the formula gives none.
        let interval: String?
        let observed: String
        let images: String

        init(_ kappa: CohensKappa, text: TextCatalogue) {
            value = Self.number(kappa.value)
            exact = String(format: "%.6f", kappa.value)
            interval = kappa.interval95.map {
                text("readings.statistics.interval", ["lower": Self.number($0.lower), "upper": Self.number($0.upper)])
            }
            observed = ResultWords.percent(kappa.observed)
            images = String(kappa.total)
        }

        /// Two digits, with the sign that print uses.
        private static func number(_ value: Double) -> String {
            let rounded = (value * 100).rounded() / 100
            return (rounded < 0 ? "−" : "") + String(format: "%.2f", abs(rounded))
        }
    }

    /// What the network answered where the reader named one class.
    struct Row: Sendable {
        let name: String
        let cells: [Cell]
        let total: String
    }

    struct Cell: Sendable {
        let count: String
        /// Both said the same.
        let agrees: Bool
        let isEmpty: Bool
    }

    /// - Parameters:
    ///   - names: The readers' classes.
    ///   - counts: By the readers' class and the network's, in the same order; the network may have more.
    static func rows(_ names: [String], _ counts: [[Int]]) -> [Row] {
        zip(names, counts).enumerated().map { row, pair in
            Row(
                name: pair.0,
                cells: pair.1.enumerated().map { column, count in
                    Cell(count: String(count), agrees: column == row, isEmpty: count == 0)
                }, total: String(pair.1.reduce(0, +)))
        }
    }
}
