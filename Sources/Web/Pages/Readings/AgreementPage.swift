import Clinic
import Evaluation
import Findings
import Foundation
import Wording

/// How doctors' readings agree with the network, model by model.
struct AgreementPage: Sendable {
    /// κ in words.
    struct Kappa: Sendable {
        let value: String
        let exact: String
        /// nil where the formula gives none.
        let interval: String?
        let observed: String
        let images: String
    }

    /// One class of the readers.
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

    /// One version of a model.
    struct Model: Sendable {
        let title: String
        /// For the heading's `id`.
        let number: String
        let readings: String
        let kappa: Kappa?
        let blind: Kappa?
        let hasBlind: Bool
        let rows: [Row]
    }

    let frame: PageFrame
    let title: String
    let lead: String
    let isOfAll: Bool
    let columns: [String]
    let models: [Model]

    /// - Parameters:
    ///   - counts: Of one reader or of all.
    ///   - isOfAll: Whether it is the page for administrators.
    init(_ counts: [ReadingCount], isOfAll: Bool, site: Site, context: WebContext) {
        let text = site.text
        title = text(isOfAll ? "readings.statistics.titleAll" : "readings.statistics.title")
        lead = text(isOfAll ? "readings.statistics.leadAll" : "readings.statistics.lead")
        frame = PageFrame(site: site, title: title, place: isOfAll ? .admin : .readings, context: context)
        self.isOfAll = isOfAll
        columns =
            SmearClass.allCases.map { text("classes.\($0).short") } + [
                text("result.uncertain"), text("result.rejected"),
            ]
        models = ReadingAgreement.all(counts).enumerated().map { Self.model($1, number: $0 + 1, text: text) }
    }

    private static func model(_ agreement: ReadingAgreement, number: Int, text: TextCatalogue) -> Model {
        let names =
            SmearClass.allCases.map { text("classes.\($0).name") } + [text("readings.noClass")]
        let rows = zip(names, agreement.table).enumerated().map { index, pair in
            Row(
                name: pair.0,
                cells: pair.1.enumerated().map { column, count in
                    Cell(count: String(count), agrees: column == index, isEmpty: count == 0)
                }, total: String(pair.1.reduce(0, +)))
        }
        return Model(
            title: "\(agreement.modelName) \(agreement.modelVersion)", number: String(number),
            readings: text.counted(
                "readings.statistics.readings", agreement.readings, ["blind": String(agreement.blindReadings)]),
            kappa: agreement.kappa.map { kappa($0, text: text) },
            blind: agreement.blindKappa.map { kappa($0, text: text) }, hasBlind: agreement.blindReadings > 0,
            rows: rows)
    }

    private static func kappa(_ kappa: CohensKappa, text: TextCatalogue) -> Kappa {
        Kappa(
            value: number(kappa.value), exact: String(format: "%.6f", kappa.value),
            interval: kappa.interval95.map {
                text("readings.statistics.interval", ["lower": number($0.lower), "upper": number($0.upper)])
            },
            observed: ResultWords.percent(kappa.observed), images: String(kappa.total))
    }

    /// Two digits, with the sign that print uses.
    private static func number(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return (rounded < 0 ? "−" : "") + String(format: "%.2f", abs(rounded))
    }
}
