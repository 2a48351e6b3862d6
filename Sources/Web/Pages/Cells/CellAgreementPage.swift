import Clinic
import Evaluation
import Findings
import Foundation
import Wording

/// How readers' types of cells agree with the network's, model by model: for administrators.
struct CellAgreementPage: Sendable {
    struct Model: Sendable {
        let title: String
        /// For the heading's `id`.
        let number: String
        let cells: String
        /// nil where it is not defined.
        let kappa: AgreementTable.Kappa?
        let observed: String
        let rows: [AgreementTable.Row]
    }

    let admin: AdminPage
    let frame: PageFrame
    /// The network's types.
    let columns: [String]
    let models: [Model]

    init(_ counts: [CellAgreementCount], site: Site, context: WebContext) {
        let words = CellWords(text: site.text)
        admin = AdminPage(.cells, site: site, context: context)
        frame = admin.frame
        columns = CellType.allCases.map(words.name)
        models = Dictionary(grouping: counts) { [$0.modelName, $0.modelVersion] }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.enumerated().map { index, entry in
                Self.model(entry.value, title: entry.key.joined(separator: " "), number: index + 1, words: words)
            }
    }

    private static func model(
        _ counts: [CellAgreementCount], title: String, number: Int, words: CellWords
    ) -> Model {
        let types = CellType.allCases
        let place = Dictionary(uniqueKeysWithValues: types.enumerated().map { ($1, $0) })
        var matrix = ConfusionMatrix(classes: types.count)
        for count in counts {
            guard let reader = place[count.reader], let network = place[count.network] else { continue }
            matrix.add(label: reader, predicted: network, times: count.count)
        }
        return Model(
            title: title, number: String(number), cells: words.text.counted("cells.agreement.cells", matrix.total),
            kappa: CohensKappa(matrix).map { .init($0, text: words.text) },
            observed: ResultWords.percent(matrix.accuracy ?? 0),
            rows: AgreementTable.rows(types.map(words.name), matrix.counts))
    }
}
