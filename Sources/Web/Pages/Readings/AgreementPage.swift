import Clinic
import Evaluation
import Findings
import Foundation
import Wording

/// How doctors' readings agree with the network, model by model.
struct AgreementPage: Sendable {
    /// One version of a model.
    struct Model: Sendable {
        let title: String
        /// For the heading's `id`.
        let number: String
        let readings: String
        let kappa: AgreementTable.Kappa?
        let blind: AgreementTable.Kappa?
        let hasBlind: Bool
        let rows: [AgreementTable.Row]
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
        return Model(
            title: "\(agreement.modelName) \(agreement.modelVersion)", number: String(number),
            readings: text.counted(
                "readings.statistics.readings", agreement.readings, ["blind": String(agreement.blindReadings)]),
            kappa: agreement.kappa.map { .init($0, text: text) },
            blind: agreement.blindKappa.map { .init($0, text: text) }, hasBlind: agreement.blindReadings > 0,
            rows: AgreementTable.rows(names, agreement.table))
    }
}
