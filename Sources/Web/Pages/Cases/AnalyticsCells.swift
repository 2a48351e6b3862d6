import Foundation
import Screening
import Wording

/// The cells of an image: their picture, their figures and what is usual among them.
struct AnalyticsCells: Sendable {
    /// A row of the table.
    struct Row: Sendable {
        let number: String
        let nucleusArea: String
        let cellArea: String
        let share: String
        let roundness: String
        let ratio: String
        let remarks: String
    }

    /// More rows are shown folded.
    private static let openRows = 10

    let image: String
    let alt: String
    let counted: String
    let isLong: Bool
    /// How many cells the medians are of.
    let single: String
    let medians: [NamedValue]
    let rows: [Row]

    init(_ analytics: ScreeningAnalytics, text: TextCatalogue, image: String) {
        let cells = analytics.cells
        self.image = image
        alt = text.counted("analytics.cellsAlt", cells.count)
        counted =
            cells.count < analytics.cellsFound
            ? text(
                "analytics.countedSome", ["count": text.number(analytics.cellsFound), "shown": String(cells.count)])
            : text.counted("analytics.counted", analytics.cellsFound)
        isLong = cells.count > Self.openRows
        let whole = cells.filter { !$0.isClump && !$0.touchesEdge }
        single = text("analytics.mediansOf", ["count": String(whole.count)])
        medians =
            whole.isEmpty
            ? []
            : [
                ("nucleusArea", Self.whole(Self.median(whole.map(\.nucleusArea)))),
                ("cellArea", Self.whole(Self.median(whole.map(\.cellArea)))),
                ("roundness", Self.hundredths(Self.median(whole.map(\.roundness)))),
                ("ratio", Self.hundredths(Self.median(whole.map(\.nucleusToCytoplasm)))),
            ].map { NamedValue(name: text("analytics.columns.\($0.0)"), value: $0.1) }
        rows = cells.map { cell in
            let remarks = [(cell.isClump, "clump"), (cell.touchesEdge, "edge")].filter(\.0)
                .map { text("analytics.remarks.\($0.1)") }
            return Row(
                number: String(cell.number), nucleusArea: Self.whole(cell.nucleusArea),
                cellArea: Self.whole(cell.cellArea), share: Self.percent(cell.areaShare),
                roundness: Self.hundredths(cell.roundness), ratio: Self.hundredths(cell.nucleusToCytoplasm),
                remarks: remarks.joined(separator: ", "))
        }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private static func whole(_ value: Double) -> String { String(format: "%.0f", value) }
    private static func hundredths(_ value: Double) -> String { String(format: "%.2f", value) }
    private static func percent(_ share: Double) -> String { String(format: "%.2f\u{a0}%%", share * 100) }
}
