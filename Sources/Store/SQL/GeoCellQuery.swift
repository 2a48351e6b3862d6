import Clinic

extension GeoCells {
    /// A SELECT from a table whose key begins with `cell`, its condition still open at the end: `… AND`.
    static func selection(
        _ columns: String, from table: String, within circle: GeoCircle, _ dialect: SQLDialect
    ) -> (sql: String, values: [SQLValue]) {
        let ranges = ranges(over: circle)
        var width = 2
        while width < ranges.count { width *= 2 }
        let bounds = ranges.flatMap { [SQLValue.integer($0.lowerBound), .integer($0.upperBound)] }
        // Empty ranges fill up, so that few different statements are prepared.
        let values = bounds + Array(repeating: [.integer(0), .integer(-1)], count: width - ranges.count).flatMap { $0 }
        func list(_ range: String, _ separator: String) -> String {
            Array(repeating: range, count: width).joined(separator: separator)
        }
        switch dialect {
        case .sqlite:
            return (
                """
                WITH ranges (low, high) AS (VALUES \(list("(?, ?)", ", "))) \
                SELECT \(columns) FROM ranges CROSS JOIN \(table) WHERE cell BETWEEN low AND high
                """, values
            )
        case .mariadb:
            return (
                """
                SELECT \(columns) FROM \(table)\(dialect.readingPrimaryKey) \
                WHERE (\(list("cell BETWEEN ? AND ?", " OR ")))
                """, values
            )
        }
    }
}
