import Clinic
import Foundation

/// What was deleted after a backup was made does not come back with it.
extension Restore {
    /// Everything that is known to have been deleted: by the data that the backup replaces, by the data folder, by the
    /// backup itself, and by the backups beside it, which may be newer.
    ///
    /// - Throws: `ClinicError`.
    func knownErasures(
        in database: any MaintainedDatabase, dataDirectory: URL
    ) async throws -> [Erasure] {
        var known = try ErasureList(dataDirectory: dataDirectory).read()
        if try await database.schemaVersion() >= 5 { known.formUnion(try await database.read { try $0.erasures() }) }
        let folder = source.deletingLastPathComponent()
        let siblings: [URL]
        do {
            siblings = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        } catch {
            throw ClinicError(.storage, fault: "\(folder.path) cannot be read: \(error.localizedDescription)")
        }
        for backup in siblings { known.formUnion(try Self.erasures(in: backup)) }
        return known.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    /// What a backup says was deleted; nothing for what is none, or one of before the list.
    private static func erasures(in backup: URL) throws -> Set<Erasure> {
        let table = BackupTable(SQLTransaction.erasures)
        let file = backup.appending(path: table.fileName)
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        var found: Set<Erasure> = []
        try BackupLines.read(file) { line in
            let row = try BackupLine.row(line, columns: table.columns.count, in: file.path)
            guard case (.text(let id), .text(let name), let moment) = (row[0], row[1], row[2]),
                let kind = Erasure.Kind(rawValue: name), let at = Date(sqlValue: moment)
            else { throw ClinicError(.corrupt, fault: "\(file.path) holds a line that is no erasure.") }
            found.insert(Erasure(kind, id, at: at))
        }
        return found
    }

    /// Deletes again what came back.
    ///
    /// - Returns: How many things.
    /// - Throws: `ClinicError`.
    func carryOut(
        _ erasures: [Erasure], in database: any MaintainedDatabase, _ archive: any MaintainedArchive
    ) async throws -> Int {
        var count = 0
        for erasure in erasures {
            let keys = try await database.write { transaction -> [String]? in
                let keys = try erasure.carryOut(by: .system, detail: "restored", now: Date(), in: transaction)
                if keys == nil { try transaction.note(erasure) }
                return keys
            }
            guard let keys else { continue }
            count += 1
            for key in keys { try await archive.remove(key) }
        }
        return count
    }
}
