import Clinic
import Foundation
import Logging

/// Puts aside archive files that no row knows: what a crash left between writing a file and writing its row.
///
/// A missing row is no permission to delete. Such a file is moved under `quarantine/<day>/`, comes back by itself when a
/// row knows it after all, and is removed after 30 days. Where more files lack a row than crashes leave, nothing is put
/// aside or removed: then the database is wrong rather than the files. Every act is logged, and its sum goes into the audit log.
public struct Sweeper: Sendable {
    /// How long a file without a row is kept.
    public static let keptDays = 30
    /// So many files may lack a row in an archive of any size.
    private static let unquestioned = 20
    /// One in so many files may lack a row.
    private static let leastFilesPerOrphan = 100
    /// Keys looked up in one transaction.
    private static let batch = 200

    private let database: any ClinicDatabase
    private let archive: any ImageArchive
    private let clock: @Sendable () -> Date
    private let logger: Logger

    public init(
        database: any ClinicDatabase, archive: any ImageArchive, clock: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "leukoscope.archive")
    ) {
        (self.database, self.archive, self.clock, self.logger) = (database, archive, clock, logger)
    }

    /// Finds files without rows, waits, and puts aside those that still have none.
    ///
    /// The wait keeps an upload safe that is under way at this moment, here or on another node: a file that has had no
    /// row for that long belongs to nobody who is still at work. The archive keeps no times, and clocks of nodes differ.
    ///
    /// - Parameter wait: Longer than any upload takes from file to row; zero only where no other process uses the
    ///   archive and this one takes no images yet.
    /// - Returns: The keys of the files that were put aside.
    /// - Throws: `ClinicError`; `CancellationError` when the task is cancelled during the wait.
    @discardableResult
    public func sweep(waiting wait: Duration = .seconds(600)) async throws -> [String] {
        let files = try await files()
        let found = try await orphans(among: files)
        try await goThroughQuarantine(present: Set(files), mayRemove: Self.isPlausible(found.count, of: files.count))
        guard !found.isEmpty else { return [] }
        if wait > .zero { try await Task.sleep(for: wait) }
        let left = try await orphans(among: found)
        guard Self.isPlausible(left.count, of: files.count) else {
            let advice = "Nothing was moved. Is this the database of this archive? See: leukoscope archive orphans"
            logger.error(
                "too many files have no row",
                metadata: ["files": "\(left.count) of \(files.count)", "advice": "\(advice)"])
            try await note(.refuse, "files=\(left.count) of=\(files.count)")
            return []
        }
        try await putAside(left)
        return left
    }

    /// Whether crashes leave so many files without a row; with more, the database is in doubt.
    static func isPlausible(_ orphans: Int, of files: Int) -> Bool {
        orphans <= unquestioned || orphans * leastFilesPerOrphan <= files
    }

    /// The files that no row knows at this moment; among them may be those of uploads under way.
    public func orphans() async throws -> [String] { try await orphans(among: try await files()) }

    /// Moves files into the quarantine, however many they are.
    public func putAside(_ keys: [String]) async throws {
        guard !keys.isEmpty else { return }
        let folder = "\(ArchiveKey.quarantine)\(Self.day(clock()))/"
        var moved = 0
        for key in keys where try await move(key, to: folder + key) {
            logger.warning("a file without a row was put aside", metadata: ["file": "\(key)", "under": "\(folder)"])
            moved += 1
        }
        if moved > 0 { try await note(.quarantine, "files=\(moved) folder=\(folder)") }
    }

    // MARK: The quarantine

    /// Brings back what a row knows by now, and removes what nothing has known for 30 days.
    ///
    /// - Parameters:
    ///   - present: The keys of all files in their places.
    ///   - mayRemove: False while the database is in doubt, whose missing rows say nothing then.
    private func goThroughQuarantine(present: Set<String>, mayRemove: Bool) async throws {
        let kept = try await archive.keys(under: ArchiveKey.quarantine).compactMap(Quarantined.init)
        let unknown = Set(try await orphans(among: kept.map(\.original)))
        let oldest = Self.day(clock().addingTimeInterval(-Double(Self.keptDays) * 86_400))
        var (returned, removed) = (0, 0)
        for file in kept {
            if !unknown.contains(file.original), !present.contains(file.original) {
                guard try await move(file.key, to: file.original) else { continue }
                logger.warning("a file came back out of quarantine", metadata: ["file": "\(file.original)"])
                returned += 1
            } else if mayRemove, file.day < oldest {
                try await archive.remove(file.key)
                logger.warning("a file without a row was removed for good", metadata: ["file": "\(file.key)"])
                removed += 1
            }
        }
        if returned > 0 { try await note(.giveBack, "files=\(returned)") }
        if removed > 0 { try await note(.expire, "files=\(removed)") }
    }

    /// A file that was put aside.
    private struct Quarantined {
        let key: String
        /// As `Sweeper.day` writes it, so that days compare as texts.
        let day: Substring
        let original: String

        init?(_ key: String) {
            let parts = key.split(separator: "/", maxSplits: 2)
            guard parts.count == 3 else { return nil }
            (self.key, day, original) = (key, parts[1], String(parts[2]))
        }
    }

    /// The day (UTC), such as `2026-11-29`.
    private static func day(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }

    /// - Returns: False where another node was faster, and for a file that the archive itself knows to be damaged: it stays where it
    ///   is, and keeps no other from being moved.
    private func move(_ key: String, to target: String) async throws -> Bool {
        do { try await archive.store(try await archive.bytes(at: key), at: target) } catch let error as ClinicError {
            switch error.code {
            case .notFound: return false
            case .corrupt:
                logger.error("a file without a row is not what was written", metadata: ["file": "\(key)"])
                return false
            default: throw error
            }
        }
        try await archive.remove(key)
        return true
    }

    private func note(_ act: AuditAction.ArchiveAct, _ detail: String) async throws {
        let entry = AuditEntry(.archive(act), by: .system, detail: detail, at: clock())
        try await database.write { try $0.append(entry) }
    }

    // MARK: What rows know

    private func files() async throws -> [String] {
        var keys: [String] = []
        for prefix in ArchiveKey.kept {
            keys += try await archive.keys(under: prefix)
        }
        return keys
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
