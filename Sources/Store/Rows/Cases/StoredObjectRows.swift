import Clinic

extension SQLTransaction {
    private static let storedObjects = SQLTable<StoredObject>(StoredObjects.table, StoredObjects.columns) { row in
        try StoredObject(key: row["archive_key"], sha256: row["sha256"], byteCount: row["byte_count"])
    }

    func record(_ objects: [StoredObject]) throws {
        let rows = objects.map { [$0.key.sqlValue, $0.sha256.sqlValue, $0.byteCount.sqlValue] }
        try connection.insert(rows, into: StoredObjects.table, Self.storedObjects.list, verb: "REPLACE")
    }

    func storedObject(_ key: String) throws -> StoredObject? {
        try connection.one(Self.storedObjects, "WHERE archive_key = ?", key)
    }

    func storedObjects(after key: String, limit: Int) throws -> [StoredObject] {
        try connection.all(Self.storedObjects, "WHERE archive_key > ? ORDER BY archive_key LIMIT ?", key, limit)
    }

    func forgetObjects(_ keys: [String]) throws {
        for folder in keys where folder.hasSuffix("/") {
            // `0` is the character after `/`.
            try connection.execute(
                "DELETE FROM stored_objects WHERE archive_key >= ? AND archive_key < ?", folder,
                String(folder.dropLast()) + "0")
        }
        for part in keys.filter({ !$0.hasSuffix("/") }).parts(of: 200) {
            let list = InList(part.map(SQLValue.text))
            try connection.checkedRun("DELETE FROM stored_objects WHERE archive_key IN \(list.sql)", list.values)
        }
    }
}

/// The table of checksums.
enum StoredObjects {
    static let table = "stored_objects"
    static let columns = "archive_key sha256 byte_count"

    /// Names every file that rows name, without a checksum, for files of before the table. Bears to be begun again.
    static func fillIn(on connection: any SQLConnection) throws {
        let dialect = connection.dialect
        try name("s.archive_key", "s.byte_count", in: "images", on: connection)
        try name("s.archive_key", "s.byte_count", in: "doctor_documents", on: connection)
        try name("s.photo_key", "NULL", in: "doctors", where: "s.photo_key IS NOT NULL", on: connection)
        try name(
            dialect.joining("'screenings/'", "s.id", "'/'"), "NULL", in: "screenings", where: "s.state = 'done'",
            on: connection)
        try name(dialect.joining("'models/'", "s.id", "'/'"), "NULL", in: "installed_models", on: connection)
    }

    private static func name(
        _ key: String, _ bytes: String, in source: String, where condition: String = "1 = 1",
        on connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO \(table) (archive_key, sha256, byte_count) SELECT \(key), NULL, \(bytes) FROM \(source) s \
            WHERE \(condition) AND NOT EXISTS (SELECT 1 FROM \(table) o WHERE o.archive_key = \(key))
            """)
    }
}
