import Clinic
import Crypto
import Formats
import Foundation

/// Writes a backup: the rows of one moment, every file that they name, and the secret key, in one directory.
///
/// It may run while the server works. A file is stored before its row and removed after it, so: first all files are
/// copied, then the rows are read in one snapshot, then the files that came in between; one that is gone by then had
/// its row deleted meanwhile, and the rows are read again. What those still name is missing, and told; it keeps nothing
/// else from being saved. So is a file that is not what was written; it is saved as it is.
public struct Backup: Sendable {
    /// Readings of the rows. Where every second one meets an image that is just being deleted, twenty fail once in a million
    /// backups; five failed in three of a hundred.
    private static let attempts = 20

    private let database: any MaintainedDatabase
    private let archive: any MaintainedArchive
    private let secretFile: URL

    /// - Parameter dataDirectory: Where `secret.key` is.
    public init(database: any MaintainedDatabase, archive: any MaintainedArchive, dataDirectory: URL) {
        self.database = database
        self.archive = archive
        secretFile = dataDirectory.appending(path: ServerSecret.fileName)
    }

    /// Writes into a temporary directory beside `directory`, and gives it its name when it is whole.
    ///
    /// - Parameter directory: Must not be there yet.
    /// - Throws: `ClinicError`.
    public func write(into directory: URL) async throws -> BackupManifest {
        let target = directory.standardizedFileURL
        guard !FileManager.default.fileExists(atPath: target.path) else {
            throw ClinicError(.invalid, fault: "\(target.path) is there already; name a directory that is not.")
        }
        let staging = target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).part")
        do {
            try Self.remove(staging)
            try Self.makeDirectory(staging.appending(path: "database"))
            let manifest = try await fill(staging)
            try Self.moving { try FileManager.default.moveItem(at: staging, to: target) }
            try DurableFile.synchronize(target.deletingLastPathComponent())
            return manifest
        } catch {
            try? FileManager.default.removeItem(at: staging)
            throw error
        }
    }

    private func fill(_ staging: URL) async throws -> BackupManifest {
        var checksums = BackupChecksums()
        for key in try await archive.contents() where ArchiveIdentity.folders.contains(where: key.hasPrefix) {
            try await copy(key, to: staging, &checksums)
        }
        var before = BackupLacks()
        for _ in 0..<Self.attempts {
            let snapshot = try await database.reading { [checksums] in
                try BackupSnapshot(of: $0, into: staging, copied: checksums)
            }
            let lacks = try await complete(snapshot, in: staging, &checksums)
            guard lacks.isWithin(before) else {
                before = lacks
                continue
            }
            for (name, digest) in snapshot.digests { checksums.add(digest, for: name) }
            return try finish(staging, snapshot, checksums, lacks)
        }
        throw ClinicError(.busy, fault: "Images come and go too quickly for a backup; try again.")
    }

    /// Brings the files of the backup to what the rows name.
    ///
    /// - Returns: What could not be had as it was written.
    private func complete(
        _ snapshot: BackupSnapshot, in staging: URL, _ checksums: inout BackupChecksums
    ) async throws -> BackupLacks {
        let present = try DirectoryArchive(directory: staging.appending(path: "archive"))
        var lacks = BackupLacks()
        for key in snapshot.fileKeys where try await !copy(key, to: staging, &checksums) { lacks.missing.insert(key) }
        for folder in snapshot.folders {
            let keys = try await archive.keys(under: folder)
            // A slide that is whole has its file; one that was left behind when the archive moved has none.
            if folder.hasPrefix("slides/"), !keys.contains(where: { !LargeFile.isUnpacked($0) }) {
                lacks.missing.insert("\(folder)/")
            }
            for key in keys where try await !copy(key, to: staging, &checksums) { lacks.missing.insert(key) }
        }
        for folder in snapshot.unknownFolders where try await archive.keys(under: folder).isEmpty {
            lacks.missing.insert(folder)
        }
        for object in snapshot.doubtful {
            // Once more: it may have been written anew since it was copied.
            if try await !copy(object.key, to: staging, &checksums, again: true) {
                lacks.missing.insert(object.key)
            } else if checksums.digests["archive/\(object.key)"] != object.sha256 {
                lacks.changed.insert(object.key)
            }
        }
        // What no row names was deleted, or belongs to work that is not stored yet.
        for name in checksums.digests.keys where name.hasPrefix("archive/") {
            let key = String(name.dropFirst("archive/".count))
            let folder = key.split(separator: "/").prefix(2).joined(separator: "/")
            if snapshot.fileKeys.contains(key) || snapshot.folders.contains(folder) { continue }
            try Self.remove(present.file(key))
            checksums.remove(name)
        }
        return lacks
    }

    /// - Parameter again: Whether to copy it although it was copied before.
    /// - Returns: Whether it was there and could be read.
    @discardableResult
    private func copy(
        _ key: String, to staging: URL, _ checksums: inout BackupChecksums, again: Bool = false
    ) async throws -> Bool {
        let name = "archive/\(key)"
        guard again || checksums.digests[name] == nil else { return true }
        if key.hasPrefix("slides/") { return try copyLarge(key, to: staging.appending(path: name), &checksums) }
        let bytes: [UInt8]
        do { bytes = try await archive.bytes(at: key) } catch let error as ClinicError
            where [.notFound, .storage, .corrupt].contains(error.code)
        {
            // Of an archive that is away nothing can be told; one that knows a file to be damaged does not give it.
            if error.code == .storage { _ = try await archive.identity() }
            return false
        }
        let copy = staging.appending(path: name)
        try Self.makeDirectory(copy.deletingLastPathComponent())
        try DurableFile.write(bytes, to: copy)
        checksums.add(SHA256.hash(data: bytes).hexadecimal, for: name)
        return true
    }

    /// Copies a file of a slide part by part; what was unpacked of it is unpacked again.
    ///
    /// - Returns: As `copy`.
    private func copyLarge(_ key: String, to target: URL, _ checksums: inout BackupChecksums) throws -> Bool {
        if LargeFile.isUnpacked(key) { return true }
        guard let directory = archive as? DirectoryArchive else { return false }
        try Self.makeDirectory(target.deletingLastPathComponent())
        guard let digest = try LargeFile.copy(directory.file(key), to: target) else { return false }
        checksums.add(digest, for: "archive/\(key)")
        return true
    }

    private func finish(
        _ staging: URL, _ snapshot: BackupSnapshot, _ checksums: BackupChecksums, _ lacks: BackupLacks
    ) throws -> BackupManifest {
        var checksums = checksums
        let manifest = BackupManifest(
            formatVersion: BackupManifest.currentFormat, schemaVersion: snapshot.schemaVersion,
            createdAt: Int64(Date().timeIntervalSince1970), rows: snapshot.rows,
            files: checksums.digests.keys.count { $0.hasPrefix("archive/") }, missing: lacks.missing.sorted(),
            changed: lacks.changed.sorted())
        let secret: Data
        do { secret = try Data(contentsOf: secretFile) } catch {
            throw ClinicError(.storage, fault: "\(secretFile.path) cannot be read: \(error.localizedDescription)")
        }
        for (name, data) in [
            (BackupManifest.fileName, try JSONFormat.file.data(manifest)), (ServerSecret.fileName, secret),
        ] {
            try DurableFile.write([UInt8](data), to: staging.appending(path: name))
            checksums.add(SHA256.hash(data: data).hexadecimal, for: name)
        }
        try DurableFile.write(Array(checksums.text.utf8), to: staging.appending(path: BackupChecksums.fileName))
        return manifest
    }

    static func makeDirectory(_ directory: URL) throws {
        try moving {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    static func remove(_ item: URL) throws {
        guard FileManager.default.fileExists(atPath: item.path) else { return }
        try moving { try FileManager.default.removeItem(at: item) }
    }

    static func moving(_ body: () throws -> Void) throws {
        do { try body() } catch let error as ClinicError { throw error } catch {
            throw ClinicError(.storage, fault: "The disk refused: \(error.localizedDescription)")
        }
    }
}
