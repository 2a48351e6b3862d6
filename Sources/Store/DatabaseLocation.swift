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
        guard let url else {
            return try SQLiteDatabase(
                file: dataDirectory.appending(path: "leukoscope.sqlite"), auditKey: auditKey)
        }
        return try MariaDBDatabase(url: url, auditKey: auditKey)
    }
}
