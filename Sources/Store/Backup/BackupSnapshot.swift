import Clinic
import Crypto
import Formats
import Foundation

/// The rows of one moment, written to files, and what they say about the archive.
struct BackupSnapshot: Sendable {
    let schemaVersion: Int
    /// Rows of each table.
    private(set) var rows: [String: Int] = [:]
    /// SHA-256 of each table's file.
    private(set) var digests: [String: String] = [:]
    /// Keys of the images, portraits and documents.
    private(set) var fileKeys: Set<String> = []
    /// Files that were copied and are not what their rows say, or were not copied.
    private(set) var doubtful: [StoredObject] = []
    /// Folders of before checksums were kept, with their `/`: which files they had is not known.
    private(set) var unknownFolders: [String] = []
    /// `screenings/<id>` of each screening that is done, `models/<id>` of each installed model, `slides/<id>` of each slide whose
    /// file is whole.
    private(set) var folders: Set<String> = []

    private let copied: BackupChecksums

    /// Writes every table into `directory/database`.
    ///
    /// - Parameter copied: The files of the archive that are in the backup already.
    /// - Throws: `ClinicError`, `SQLFailure`.
    init(of connection: any SQLConnection, into directory: URL, copied: BackupChecksums) throws {
        self.copied = copied
        schemaVersion = try Migrations.version(on: connection)
        for table in BackupTable.all(schema: schemaVersion) { try write(table, of: connection, into: directory) }
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
        digests[table.fileName] = hash.finalize().hexadecimal
    }

    private mutating func noteSlides(_ rows: [[SQLValue]], of table: BackupTable) {
        guard let state = table.columns.firstIndex(of: "state"), let source = table.columns.firstIndex(of: "source")
        else { return }
        for row in rows
        where row[state] != .text(CaseSlide.State.receiving.rawValue)
            && row[source] == .text(CaseSlide.Source.upload.rawValue)
        {
            if case .text(let id) = row[0] { folders.insert("slides/\(id)") }
        }
    }

    /// The column that names a file of the archive, by table.
    private static let fileColumns = [
        "images": "archive_key", "doctors": "photo_key", "doctor_documents": "archive_key",
    ]

    private mutating func note(_ rows: [[SQLValue]], of table: BackupTable) throws {
        if let column = Self.fileColumns[table.name], let index = table.columns.firstIndex(of: column) {
            for case .text(let key) in rows.lazy.map({ $0[index] }) { fileKeys.insert(key) }
        }
        if table.name == StoredObjects.table {
            for case .text(let key) in rows.lazy.map({ $0[0] }) where key.hasSuffix("/") { unknownFolders.append(key) }
            doubtful += rows.compactMap { row in
                guard case (.text(let key), .text(let digest)) = (row[0], row[1]),
                    copied.digests["archive/\(key)"] != digest
                else { return nil }
                return StoredObject(key: key, sha256: digest, byteCount: nil)
            }
        }
        if table.name == "installed_models" {
            for case .text(let id) in rows.lazy.map({ $0[0] }) { folders.insert("models/\(id)") }
        }
        if table.name == SQLTransaction.slides.name { noteSlides(rows, of: table) }
        guard table.name == "screenings", let state = table.columns.firstIndex(of: "state") else { return }
        for row in rows where row[state] == .text(ScreeningRecord.State.done.rawValue) {
            if case .text(let id) = row[0] { folders.insert("screenings/\(id)") }
        }
    }
}
