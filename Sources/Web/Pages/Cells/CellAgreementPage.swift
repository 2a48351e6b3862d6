import Clinic
import Evaluation
import Findings
import Foundation
import Wording

/// How readers' types of cells agree with the network's, model by model: for administrators.
struct CellAgreementPage: Sendable {
    struct Cell: Sendable {
        let count: String
        let agrees: Bool
        let isEmpty: Bool
    }

    struct Row: Sendable {
        let name: String
        let cells: [Cell]
        let total: String
    }

    struct Model: Sendable {
        let title: String
        /// For the heading's `id`.
        let number: String
        let cells: String
        /// κ with its interval; nil where it is not defined.
        let kappa: String?
        let interval: String?
        let observed: String
        let rows: [Row]
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
        let kappa = CohensKappa(matrix)
        let text = words.text
        return Model(
            title: title, number: String(number), cells: text.counted("cells.agreement.cells", matrix.total),
            kappa: kappa.map { String(format: "%.2f", $0.value) },
            interval: kappa?.interval95.map {
                text(
                    "readings.statistics.interval",
                    ["lower": String(format: "%.2f", $0.lower), "upper": String(format: "%.2f", $0.upper)])
            },
            observed: ResultWords.percent(matrix.accuracy ?? 0),
            rows: types.enumerated().map { row, type in
                Row(
                    name: words.name(type),
                    cells: types.indices.map { column in
                        let count = matrix.counts[row][column]
                        return Cell(count: String(count), agrees: row == column, isEmpty: count == 0)
                    }, total: String(matrix.support(row)))
            })
    }
}
