import Formats
import Foundation

/// A chart and the table behind it; the script draws the first from the second's numbers, without it the table stands.
struct AdminChart: Sendable {
    /// How the script draws it.
    enum Kind: String, Sendable {
        /// Columns on top of each other.
        case stacked
        /// Columns side by side.
        case grouped
    }

    let id: String
    let title: String
    let lead: String?
    /// Heads of the table's columns, the first over the rows' names.
    let columns: [String]
    let rows: [TableRow]
    let isEmpty: Bool
    /// For the script: `{kind, unit, labels, series: [{name, values}]}`.
    let json: String

    /// - Parameters:
    ///   - id: Its identifier in the page.
    ///   - labels: What the columns of the chart and the rows of the table are called.
    ///   - head: What the labels are.
    ///   - series: Names and values, one a label.
    ///   - format: Writes a value into the table.
    ///   - unit: Written at the axis; `%` for shares of 100.
    init(
        _ id: String, kind: Kind, title: String, lead: String? = nil, head: String, labels: [String],
        series: [(name: String, values: [Double])], unit: String = "", format: (Double) -> String
    ) {
        (self.id, self.title, self.lead) = (id, title, lead)
        columns = [head] + series.map(\.name)
        rows = labels.enumerated().map { index, label in
            TableRow(name: label, cells: series.map { format($0.values[index]) })
        }
        isEmpty = series.allSatisfy { $0.values.allSatisfy { $0 == 0 } }
        json = Self.json(kind, unit, labels, series)
    }

    private struct Drawing: Encodable {
        struct Series: Encodable {
            let name: String
            let values: [Double]
        }
        let kind: String
        let unit: String
        let labels: [String]
        let series: [Series]
    }

    private static func json(
        _ kind: Kind, _ unit: String, _ labels: [String], _ series: [(name: String, values: [Double])]
    ) -> String {
        let drawing = Drawing(
            kind: kind.rawValue, unit: unit, labels: labels,
            series: series.map { .init(name: $0.name, values: $0.values.map { $0.isFinite ? $0 : 0 }) })
        // Finite numbers and texts always encode.
        return (try? JSONFormat.line.text(drawing)) ?? "{}"
    }
}
