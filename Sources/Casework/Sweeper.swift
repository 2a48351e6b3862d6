import Clinic

/// Removes archive files that no row knows: what a crash left between writing a file and writing its row.
public struct Sweeper: Sendable {
    private let database: any ClinicDatabase
    private let archive: any ImageArchive

    /// Keys looked up in one transaction.
    private static let batch = 200

    public init(database: any ClinicDatabase, archive: any ImageArchive) {
        self.database = database
        self.archive = archive
    }

    /// Finds files without rows, waits, and removes those that still have none.
    ///
    /// The wait keeps an upload safe that is under way at this moment, here or on another node: a file that has had no
    /// row for that long belongs to nobody who is still at work. The archive keeps no times, and clocks of nodes differ.
    ///
    /// - Parameter wait: Longer than any upload takes from file to row; zero only where no other process uses the
    ///   archive and this one takes no images yet.
    /// - Returns: The keys that were removed.
    /// - Throws: `ClinicError`; `CancellationError` when the task is cancelled during the wait.
    @discardableResult
    public func sweep(waiting wait: Duration = .seconds(600)) async throws -> [String] {
        let found =
            try await orphans(among: archive.keys(under: ArchiveKey.images))
            + orphans(among: archive.keys(under: ArchiveKey.screenings))
            + orphans(among: archive.keys(under: ArchiveKey.models))
            + orphans(among: archive.keys(under: ArchiveKey.doctors))
        guard !found.isEmpty else { return [] }
        if wait > .zero { try await Task.sleep(for: wait) }
        let left = try await orphans(among: found)
        for key in left { try await archive.remove(key) }
        return left
    }

    private func orphans(among keys: [String]) async throws -> [String] {
        var orphans: [String] = []
        var rest = keys[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            orphans += try await database.read { transaction in
                try part.filter { try !Self.isKnown($0, in: transaction) }
            }
        }
        return orphans
    }

    /// Pictures of a screening that is not done yet count as known: a worker may be storing them.
    private static func isKnown(_ key: String, in transaction: any CaseRows & DoctorRows & ModelRows & ScreeningRows)
        throws -> Bool
    {
        if key.hasPrefix(ArchiveKey.models) {
            guard let id = ArchiveKey.modelID(of: key) else { return false }
            return try transaction.installedModel(id) != nil
        }
        if key.hasPrefix(ArchiveKey.images) { return try transaction.hasImage(archiveKey: key) }
        if key.hasPrefix(ArchiveKey.doctors) { return try transaction.hasDoctorFile(archiveKey: key) }
        guard let id = ArchiveKey.screeningID(of: key), let row = try transaction.screening(id) else { return false }
        return row.state != .failed
    }
}
