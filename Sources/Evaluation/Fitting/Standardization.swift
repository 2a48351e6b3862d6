/// Mean and standard deviation of each feature over some examples, by which a linear model sees them.
package struct Standardization: Sendable, Equatable {
    /// `[features]`.
    package let mean: [Double]
    /// `[features]`; 1 for a feature that never varies.
    package let deviation: [Double]

    /// - Parameter rows: `[N, features]`, at least one.
    package init(_ rows: [[Float]]) {
        let count = Double(rows.count)
        var mean = [Double](repeating: 0, count: rows.first?.count ?? 0)
        for row in rows { for index in mean.indices { mean[index] += Double(row[index]) } }
        mean = mean.map { $0 / count }
        var squares = [Double](repeating: 0, count: mean.count)
        for row in rows {
            for index in mean.indices {
                let distance = Double(row[index]) - mean[index]
                squares[index] += distance * distance
            }
        }
        self.mean = mean
        deviation = squares.map { ($0 / count).squareRoot() }.map { $0 > 1e-9 ? $0 : 1 }
    }

    /// `[N, features + 1]` in one array, standardised, a 1 last in each row for the intercept.
    func apply(to rows: [[Float]]) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(rows.count * (mean.count + 1))
        for row in rows {
            for index in mean.indices { values.append((Double(row[index]) - mean[index]) / deviation[index]) }
            values.append(1)
        }
        return values
    }

    /// One row standardised, `[features]`.
    package func standardized(_ row: [Float]) -> [Float] {
        row.indices.map { Float((Double(row[$0]) - mean[$0]) / deviation[$0]) }
    }
}
