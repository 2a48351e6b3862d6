/// A confusion matrix as an HTML table whose cells are shaded by their share of the row.
public struct ConfusionTable: Sendable, Equatable {
    /// Names of the classes as people read them, `[classes]`.
    public let classNames: [String]
    /// `[classes, classes]`, rows true, columns predicted.
    public let counts: [[Int]]

    /// - Precondition: `counts` is square, with a row a class.
    public init(classNames: [String], counts: [[Int]]) {
        precondition(
            counts.count == classNames.count && counts.allSatisfy { $0.count == classNames.count },
            "one row and one column a class")
        self.classNames = classNames
        self.counts = counts
    }

    /// A `table` element.
    public func html() -> String {
        let header = classNames.map { "<th scope=\"col\">\(Markup.escape($0))</th>" }.joined()
        let rows = zip(classNames, counts).map { name, row in
            "<tr><th scope=\"row\">\(Markup.escape(name))</th>\(cells(row))</tr>"
        }
        return """
            <div class="scroll"><table class="confusion">
            <caption>Rows: what the images are. Columns: what the model said. Number of images, and share of the row.</caption>
            <thead><tr><td></td>\(header)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private func cells(_ row: [Int]) -> String {
        let total = row.reduce(0, +)
        return row.map { count in
            let share = total == 0 ? 0 : Double(count) / Double(total)
            let shade = Markup.number(share * 0.5, places: 3)
            return "<td style=\"background:rgba(0,114,178,\(shade))\">\(count)<small>"
                + "\(total == 0 ? "–" : Markup.percent(share))</small></td>"
        }.joined()
    }
}
