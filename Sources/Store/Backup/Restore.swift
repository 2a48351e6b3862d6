import Clinic
import Foundation

/// Puts a backup back, into the same kind of database or the other one.
public struct Restore: Sendable {
    let source: URL
    /// What the backup says of itself.
    public let manifest: BackupManifest
    private let checksums: BackupChecksums

    /// Proves that every file is what was written, that none is missing and none came to it, and changes nothing.
    ///
    /// - Throws: `ClinicError.corrupt`, `.newerSchema`, `.storage`.
    public init(from directory: URL) throws {
        source = directory.standardizedFileURL
        checksums = try BackupChecksums(in: source)
        let present = Set(try Self.files(in: source)).subtracting([BackupChecksums.fileName])
        for name in checksums.digests.keys.sorted() where !present.contains(name) {
            throw ClinicError(.corrupt, fault: "The backup lacks \(name).")
        }
        if let stranger = present.subtracting(checksums.digests.keys).min() {
            throw ClinicError(
                .corrupt, fault: "The backup holds \(stranger), which \(BackupChecksums.fileName) does not name.")
        }
        for (name, digest) in checksums.digests.sorted(by: { $0.key < $1.key })
        where try LargeFile.digest(of: source.appending(path: name)) != digest {
            throw ClinicError(.corrupt, fault: "\(name) in the backup is not what was written: its checksum differs.")
        }
        manifest = try Self.manifest(in: source)
        for name in BackupTable.all(schema: manifest.schemaVersion).map(\.fileName) + [ServerSecret.fileName]
        where checksums.digests[name] == nil {
            throw ClinicError(.corrupt, fault: "The backup lacks \(name).")
        }
    }

    /// Whether a data directory, its archive and a database hold anything that a restore would remove.
    ///
    /// - Parameter location: Where the archive is; nil for `archive` in the data directory.
    public static func isEmpty(
        dataDirectory: URL, archive location: ArchiveLocation? = nil, database: any MaintainedDatabase
    ) async throws -> Bool {
        guard try await database.isEmpty() else { return false }
        return try await (location ?? .usual(in: dataDirectory)).open().contents().isEmpty
    }

    /// Puts files, then all rows in one transaction, then the key and the mark of the installation in place. What was there
    /// before is removed, unless it is another installation's. Whoever had agreed to be screened is asked again,
    /// and links to reports and to live microscopes end.
    ///
    /// - Parameters:
    ///   - database: Any, also of the other kind; its tables are made where they are not there.
    ///   - dataDirectory: Gets `secret.key`.
    ///   - location: Gets the files; nil for `archive` in the data directory.
    /// - Returns: How many accounts, cases, images and documents came back and were deleted again, because they were deleted
    ///   after the backup was made.
    /// - Throws: `ClinicError`; `.invalid` over the data of another installation.
    @discardableResult
    public func run(
        into database: any MaintainedDatabase, dataDirectory: URL, archive location: ArchiveLocation? = nil
    ) async throws -> Int {
        let archive = try await (location ?? .usual(in: dataDirectory)).open()
        let secret = source.appending(path: ServerSecret.fileName)
        let target = Installation(secret: try ServerSecret(file: secret), database: database, archive: archive)
        if try await !Self.isEmpty(dataDirectory: dataDirectory, archive: location, database: database) {
            try await refuseAnother(target)
        }
        let erasures = try await knownErasures(in: database, dataDirectory: dataDirectory)
        let keys = checksums.digests.keys.filter { $0.hasPrefix("archive/") }.map { String($0.dropFirst(8)) }
        for key in keys.sorted() {
            if key.hasPrefix("slides/") {
                // No slide is read but from a folder; the backup keeps the file.
                guard let directory = archive as? DirectoryArchive else { continue }
                let target = try directory.file(key)
                try Backup.makeDirectory(target.deletingLastPathComponent())
                _ = try LargeFile.copy(source.appending(path: "archive/\(key)"), to: target)
                continue
            }
            let bytes: Data
            do { bytes = try Data(contentsOf: source.appending(path: "archive/\(key)")) } catch {
                throw ClinicError(.storage, fault: "\(key) in the backup cannot be read: \(error.localizedDescription)")
            }
            try await archive.store([UInt8](bytes), at: key)
        }
        let chain = AuditChain(key: database.auditKey)
        try await database.migrating { [manifest] in
            try Migrations.makeTables(of: manifest.schemaVersion, on: $0, chain)
        }
        try await database.writing { [source, manifest] connection in
            try Self.load(source, schema: manifest.schemaVersion, on: connection)
        }
        try await database.migrate()
        do {
            try DurableFile.write(
                [UInt8](Data(contentsOf: secret)), to: dataDirectory.appending(path: ServerSecret.fileName))
        } catch let error as ClinicError { throw error } catch {
            throw ClinicError(.storage, fault: "\(secret.path) cannot be read: \(error.localizedDescription)")
        }
        try await target.bind()
        let kept = Set(keys + [ArchiveIdentity.key])
        // What the backup lacks may be here: then it stays, and is checked when it is read.
        // So do files of slides: those that no row names are put aside by `SlideSweep`.
        for folder in ArchiveIdentity.folders where folder != "slides/" {
            for key in try await archive.keys(under: folder) where !kept.contains(key) && !manifest.lacks(key) {
                try await archive.remove(key)
            }
        }
        let count = try await carryOut(erasures, in: database, archive)
        try await database.write { transaction in
            let now = Date()
            try Consents.lapse(at: now, in: transaction)
            try ReportLinks.lapse(at: now, in: transaction)
            try WatchLinks.lapse(at: now, in: transaction)
        }
        try await database.eraseTraces()
        return count
    }

    /// A backup of before the marks may be anybody's.
    private func refuseAnother(_ target: Installation) async throws {
        guard let table = BackupTable.all(schema: manifest.schemaVersion).first(where: { $0.name == "installation" })
        else { return }
        var own: SQLValue?
        try BackupLines.read(source.appending(path: table.fileName)) { line in
            own = try BackupLine.row(line, columns: table.columns.count, in: table.fileName)[1]
        }
        let isCurrent = try await target.database.schemaVersion() >= 4
        let present = [try await target.archive.identity()?.mark, isCurrent ? try await target.databaseMark() : nil]
        for case let mark? in present where own != .text(mark.text) {
            throw ClinicError(
                .invalid,
                fault: """
                    The backup is of another installation than the data in \(target.database.name) and \
                    \(target.archive.name). Name an empty database and an empty folder, or remove by hand what is \
                    there. Nothing was changed.
                    """, field: "database")
        }
    }

    /// Where the tables are of a newer schema, its steps are forgotten, so that they run once more over the rows.
    private static func load(_ source: URL, schema: Int, on connection: any SQLConnection) throws {
        try connection.dialect.prepareForLoading(connection)
        let present = max(schema, try Migrations.version(on: connection))
        let tables = (schema...present).reversed().flatMap { BackupTable.all(schema: $0).reversed().map(\.name) }
        for table in BackupTable.derived(schema: present) + tables {
            try connection.execute("DELETE FROM \(table)")
        }
        try connection.execute("DELETE FROM schema_migrations WHERE number > ?", schema)
        for table in BackupTable.all(schema: schema) {
            var waiting: [[SQLValue]] = []
            try BackupLines.read(source.appending(path: table.fileName)) { line in
                waiting.append(try BackupLine.row(line, columns: table.columns.count, in: table.fileName))
                guard waiting.count >= table.page else { return }
                try table.insert(waiting, on: connection)
                waiting = []
            }
            try table.insert(waiting, on: connection)
        }
        try SQLTransaction(connection, auditKey: []).makeEverythingFound(schema: schema)
    }

    private static func manifest(in source: URL) throws -> BackupManifest {
        let manifest: BackupManifest
        do {
            let data = try Data(contentsOf: source.appending(path: BackupManifest.fileName))
            manifest = try JSONDecoder().decode(BackupManifest.self, from: data)
        } catch {
            throw ClinicError(.corrupt, fault: "\(BackupManifest.fileName) in the backup cannot be read.")
        }
        guard manifest.formatVersion == BackupManifest.currentFormat, manifest.schemaVersion <= Migrations.newest else {
            throw ClinicError(
                .newerSchema, fault: "The backup was written by a newer program; restore it with that one.")
        }
        return manifest
    }

    private static func files(in directory: URL) throws -> [String] {
        let base = directory.resolvingSymlinksInPath()
        guard
            let found = FileManager.default.enumerator(
                at: base, includingPropertiesForKeys: [.isDirectoryKey], options: [])
        else { throw ClinicError(.storage, fault: "\(directory.path) cannot be read.") }
        var names: [String] = []
        for case let url as URL in found {
            if try url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true { continue }
            names.append(String(url.path.dropFirst(base.path.count + 1)))
        }
        return names
    }
}

/// Reads a file line by line without holding it whole.
enum BackupLines {
    static func read(_ file: URL, _ body: (Data) throws -> Void) throws {
        let handle: FileHandle
        do { handle = try FileHandle(forReadingFrom: file) } catch { throw DurableFile.failure("read", file) }
        defer { try? handle.close() }
        var rest = Data()
        while true {
            var part: Data?
            try Backup.moving { part = try handle.read(upToCount: 1 << 20) }
            guard let part, !part.isEmpty else { break }
            rest.append(part)
            while let end = rest.firstIndex(of: 10) {
                try body(Data(rest[rest.startIndex..<end]))
                rest = rest[rest.index(after: end)...]
            }
            rest = Data(rest)
        }
        guard rest.isEmpty else {
            throw ClinicError(.corrupt, fault: "\(file.lastPathComponent) in the backup ends in the middle.")
        }
    }
}
