import Clinic
import Crypto
import Foundation

/// The rows of one moment, written to files, and what they say about the archive.
struct BackupSnapshot: Sendable {
    let schemaVersion: Int
    /// Rows of each table.
    private(set) var rows: [String: Int] = [:]
    /// SHA-256 of each table's file.
    private(set) var digests: [String: String] = [:]
    /// Keys of the images.
    private(set) var imageKeys: Set<String> = []
    /// `screenings/<id>` of each screening that is done.
    private(set) var screeningFolders: Set<String> = []

    /// Writes every table into `directory/database`.
    ///
    /// - Throws: `ClinicError`, `SQLFailure`.
    init(of connection: any SQLConnection, into directory: URL) throws {
        schemaVersion = try Migrations.version(on: connection)
        for table in BackupTable.all { try write(table, of: connection, into: directory) }
    }

    private mutating func write(_ table: BackupTable, of connection: any SQLConnection, into directory: URL) throws {
        let file = directory.appending(path: table.fileName)
        var hash = SHA256()
        var count = 0
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw DurableFile.failure("written", file) }
        let handle: FileHandle
        do { handle = try FileHandle(forWritingTo: file) } catch { throw DurableFile.failure("written", file) }
        defer { try? handle.close() }
        try table.pages(on: connection) { rows in
            let data = Data(rows.map(BackupLine.line).joined().utf8)
            hash.update(data: data)
            count += rows.count
            try Backup.moving { try handle.write(contentsOf: data) }
            try note(rows, of: table)
        }
        try Backup.moving { try handle.synchronize() }
        rows[table.name] = count
        digests[table.fileName] = BackupChecksums.hexadecimal(hash.finalize())
    }

    private mutating func note(_ rows: [[SQLValue]], of table: BackupTable) throws {
        guard table.name == "images" || table.name == "screenings" else { return }
        let column = table.name == "images" ? "archive_key" : "state"
        guard let index = table.columns.firstIndex(of: column) else { return }
        for row in rows {
            guard case .text(let id) = row[0], case .text(let value) = row[index] else { continue }
            if table.name == "images" {
                imageKeys.insert(value)
            } else if value == ScreeningRecord.State.done.rawValue {
                screeningFolders.insert("screenings/\(id)")
            }
        }
    }
}
