import Clinic
import Foundation

/// Finds the database that an operator named.
public enum DatabaseLocation {
    /// Opens a database without touching its tables.
    ///
    /// - Parameters:
    ///   - url: `mysql://user:password@host:port/name`, or nil for `leukoscope.sqlite` in the data directory.
    ///   - dataDirectory: A directory that is there.
    ///   - auditKey: What the audit log is chained with.
    /// - Throws: `ClinicError.invalid` with field `database`, `.databaseUnavailable`.
    public static func open(
        _ url: String?, dataDirectory: URL, auditKey: [UInt8]
    ) throws -> any MaintainedDatabase {
        let list = ErasureList(dataDirectory: dataDirectory)
        guard let url else {
            return try SQLiteDatabase(file: sqliteFile(in: dataDirectory), auditKey: auditKey, erasureList: list)
        }
        return try MariaDBDatabase(url: url, auditKey: auditKey, erasureList: list)
    }

    /// Whether the embedded database of a data directory was made.
    static func isSQLiteThere(in dataDirectory: URL) -> Bool {
        FileManager.default.fileExists(atPath: sqliteFile(in: dataDirectory).path)
    }

    private static func sqliteFile(in dataDirectory: URL) -> URL {
        dataDirectory.appending(path: "leukoscope.sqlite")
    }
}
