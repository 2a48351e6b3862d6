/// Where the databases differ, beside the types of columns (`ColumnType`).
public enum SQLDialect: String, Sendable {
    case sqlite
    /// MariaDB from 10.6, MySQL from 8.0.
    case mariadb

    /// Ends a SELECT whose rows nobody else may change before the commit. In SQLite the transaction has the whole
    /// database already.
    var forUpdate: String { self == .mariadb ? " FOR UPDATE" : "" }

    /// As `forUpdate`, and passes over rows that another transaction holds.
    var forUpdateSkippingLocked: String { self == .mariadb ? " FOR UPDATE SKIP LOCKED" : "" }

    /// Makes the database take this index for the list of a person's cases, and read it in its order. SQLite's planner
    /// does by itself.
    func forcing(index: String) -> String { self == .mariadb ? " FORCE INDEX (\(index))" : "" }

    /// Makes either database read a table by this index, where its planner would rather sort.
    func byIndex(_ index: String) -> String { self == .mariadb ? forcing(index: index) : " INDEXED BY \(index)" }

    /// Makes the database read the rows in the order of their primary key, in ranges of it. SQLite's planner does by
    /// itself, where the table is clustered.
    var readingPrimaryKey: String { self == .mariadb ? " FORCE INDEX (PRIMARY)" : "" }

    /// Ends an INSERT that passes over rows whose primary key is taken.
    ///
    /// - Parameter column: Any of the table's.
    func passingOverPresent(_ column: String) -> String {
        self == .mariadb ? " ON DUPLICATE KEY UPDATE \(column) = \(column)" : " ON CONFLICT DO NOTHING"
    }

    /// Deletes a number of rows at most.
    ///
    /// - Parameters:
    ///   - key: The table's primary key.
    ///   - condition: Which, and in which order.
    func deletingFirst(_ count: Int, from table: String, key: String, _ condition: String) -> String {
        self == .mariadb
            ? "DELETE FROM \(table) WHERE \(condition) LIMIT \(count)"
            : "DELETE FROM \(table) WHERE \(key) IN (SELECT \(key) FROM \(table) WHERE \(condition) LIMIT \(count))"
    }

    /// Texts one after the other, as an expression.
    func joining(_ parts: String...) -> String {
        self == .mariadb ? "CONCAT(\(parts.joined(separator: ", ")))" : parts.joined(separator: " || ")
    }

    /// Joins with the table on the left read first.
    var orderedJoin: String { self == .mariadb ? "STRAIGHT_JOIN" : "CROSS JOIN" }

    /// Gives SQLite up to 512 MB for the pages of one large transaction, which it would else write over and over.
    func prepareForLoading(_ connection: any SQLConnection) throws {
        if self == .sqlite { try connection.execute("PRAGMA cache_size = -524288") }
    }
}
