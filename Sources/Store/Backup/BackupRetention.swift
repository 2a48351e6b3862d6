import Clinic
import Foundation

/// Which backups in a folder are older than they shall be kept.
public struct BackupRetention: Sendable {
    /// Less than this is taken for a mistake.
    public static let leastDays = 7

    private let installation: Installation
    private let folder: URL
    private let days: Int

    /// - Parameters:
    ///   - installation: Whose backups; those of others stay.
    ///   - folder: Holds them as directories.
    ///   - days: How long they are kept.
    public init(installation: Installation, folder: URL, days: Int) {
        (self.installation, self.folder, self.days) = (installation, folder, days)
    }

    private struct Found {
        let directory: URL
        let manifest: BackupManifest

        var createdAt: Date { Date(timeIntervalSince1970: Double(manifest.createdAt)) }
    }

    /// Those that may go, the oldest first; none where no younger one is whole.
    ///
    /// - Throws: `ClinicError.storage` where the folder cannot be read; `.invalid` where a backup was made at a moment to come,
    ///   for then the clock is wrong now, or was.
    public func expired(at now: Date) async throws -> [URL] {
        guard let mark = try await installation.databaseMark() else { return [] }
        let found = try backups(of: mark.text).sorted { $0.createdAt < $1.createdAt }
        if let strange = found.last, strange.createdAt > now.addingTimeInterval(3600) {
            throw ClinicError(
                .invalid,
                fault:
                    "\(strange.directory.path) was made at \(strange.createdAt.formatted(.iso8601)), which is to come: is the clock right? Nothing was removed."
            )
        }
        let limit = now.addingTimeInterval(-Double(days) * 86_400)
        guard found.contains(where: { $0.createdAt >= limit && $0.manifest.isWhole }) else { return [] }
        return found.filter { $0.createdAt < limit }.map(\.directory)
    }

    /// Removes them, which stands in the audit log first.
    ///
    /// - Throws: `ClinicError`.
    public func remove(_ backups: [URL], at now: Date) async throws {
        guard !backups.isEmpty else { return }
        try await installation.database.write { transaction in
            try transaction.append(
                AuditEntry(.privacy(.expire), by: .system, detail: "backups=\(backups.count)", at: now))
        }
        for backup in backups {
            do { try FileManager.default.removeItem(at: backup) } catch {
                throw ClinicError(
                    .storage, fault: "\(backup.path) cannot be removed: \(error.localizedDescription)")
            }
        }
    }

    /// What is no backup, or another's, is passed over.
    private func backups(of mark: String) throws -> [Found] {
        let entries: [URL]
        do {
            entries = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        } catch {
            throw ClinicError(.storage, fault: "\(folder.path) cannot be read: \(error.localizedDescription)")
        }
        return try entries.compactMap { directory in
            let file = directory.appending(path: BackupManifest.fileName)
            guard FileManager.default.fileExists(atPath: file.path),
                let manifest = try? JSONDecoder().decode(BackupManifest.self, from: Data(contentsOf: file)),
                try Self.mark(of: directory, schema: manifest.schemaVersion) == mark
            else { return nil }
            return Found(directory: directory, manifest: manifest)
        }
    }

    private static func mark(of directory: URL, schema: Int) throws -> String? {
        guard let table = BackupTable.all(schema: schema).first(where: { $0.name == "installation" }),
            FileManager.default.fileExists(atPath: directory.appending(path: table.fileName).path)
        else { return nil }
        var mark: String?
        try BackupLines.read(directory.appending(path: table.fileName)) { line in
            if case .text(let text) = try BackupLine.row(line, columns: table.columns.count, in: table.fileName)[1] {
                mark = text
            }
        }
        return mark
    }
}
