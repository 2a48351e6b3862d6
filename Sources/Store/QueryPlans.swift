import Clinic

/// How the database means to answer one query.
public struct QueryPlan: Sendable, Equatable {
    public let sql: String
    /// SQLite: the lines of EXPLAIN QUERY PLAN. MariaDB: table, access type, key and remarks of EXPLAIN.
    public let steps: [String]
}

extension MaintainedDatabase {
    /// Runs reads and tells how the database answered each query, to find the ones that lack an index.
    public func plans(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Void
    ) async throws -> [QueryPlan] {
        try await reading { [auditKey] connection in
            let explaining = ExplainingConnection(connection)
            try body(SQLTransaction(explaining, auditKey: auditKey))
            return explaining.plans
        }
    }
}

/// Asks for the plan of each query before it is run.
private final class ExplainingConnection: SQLConnection {
    private let connection: any SQLConnection
    private(set) var plans: [QueryPlan] = []

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    var dialect: SQLDialect { connection.dialect }
    var hasPeers: Bool { connection.hasPeers }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try connection.run(sql, arguments)
    }

    func result(_ sql: String, _ arguments: [SQLValue]) throws -> SQLResult {
        let (explain, columns) =
            dialect == .sqlite ? ("EXPLAIN QUERY PLAN ", ["detail"]) : ("EXPLAIN ", ["table", "type", "key", "Extra"])
        let steps = try connection.query(explain + sql, values: arguments).map { row in
            try columns.map { Self.text(try row[$0]) }.joined(separator: " ")
        }
        plans.append(QueryPlan(sql: sql, steps: steps))
        return try connection.result(sql, arguments)
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .null: "-"
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text
        }
    }
}
