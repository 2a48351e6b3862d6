import Clinic
import Foundation
import Offloading

/// Compares every file of the archive with the row that says what it is.
///
/// It changes no file and mends nothing. While a server works, what looks wrong is looked at once more at the end: it came
/// or went meanwhile.
public struct ArchiveVerification: Sendable {
    /// What was found. Keys are in their order.
    public struct Report: Sendable, Equatable, Encodable {
        /// Files that were looked at.
        public internal(set) var files = 0
        /// Files that rows name and that are not there; a key ending in `/` stands for a folder without any file.
        public internal(set) var missing: [String] = []
        /// Files that are not what was written.
        public internal(set) var changed: [String] = []
        /// Files that the disk does not give.
        public internal(set) var unreadable: [String] = []
        /// Files that no row names; those of uploads under way may be among them.
        public internal(set) var withoutRow: [String] = []
        /// Files of before checksums were kept, of which nothing is known but that they are there.
        public internal(set) var withoutChecksum = 0
        /// Of these, those whose checksums were written down now.
        public internal(set) var recorded = 0

        /// Whether nothing is wrong.
        public var isWhole: Bool { (missing + changed + unreadable + withoutRow).isEmpty }
    }

    private enum Found {
        case good, missing, changed, unreadable
        case withoutChecksum(StoredObject)
    }

    private static let page = 500

    private let database: any ClinicDatabase
    private let archive: any ImageArchive
    private let recording: Bool

    /// - Parameters:
    ///   - database: Holds the rows.
    ///   - archive: Holds the files.
    ///   - recording: Whether files of before checksums were kept are taken as they are, and theirs written down.
    public init(database: any ClinicDatabase, archive: any ImageArchive, recording: Bool = false) {
        (self.database, self.archive, self.recording) = (database, archive, recording)
    }

    /// - Parameter progress: Called with the files looked at and all.
    /// - Throws: `ClinicError`.
    public func run(progress: @Sendable (Int, Int) -> Void = { _, _ in }) async throws -> Report {
        var rest: Set<String> = []
        for prefix in ArchiveKey.kept { rest.formUnion(try await archive.keys(under: prefix)) }
        let total = rest.count
        var report = Report()
        var folders: [String] = []
        var last = ""
        while true {
            let rows = try await database.read { [last] in try $0.storedObjects(after: last, limit: Self.page) }
            for row in rows {
                if row.key.hasSuffix("/") {
                    folders.append(row.key)
                    continue
                }
                rest.remove(row.key)
                try await look(at: row, &report)
                progress(report.files, total)
            }
            guard rows.count == Self.page, let end = rows.last?.key else { break }
            last = end
        }
        try await look(into: folders, &rest, &report) { progress($0, total) }
        for key in rest.sorted() where try await isStranger(key) { report.withoutRow.append(key) }
        report.files += rest.count
        report.missing.sort()
        return report
    }

    private func look(at row: StoredObject, _ report: inout Report) async throws {
        report.files += 1
        switch try await compare(row) {
        case .good: return
        case .withoutChecksum(let found):
            report.withoutChecksum += 1
            guard recording else { return }
            try await database.write { transaction in
                guard try transaction.storedObject(found.key)?.sha256 == nil else { return }
                try transaction.record([found])
            }
            report.recorded += 1
        case .missing, .changed, .unreadable: try await lookAgain(at: row.key, &report)
        }
    }

    /// Once more, by what its row says now.
    private func lookAgain(at key: String, _ report: inout Report) async throws {
        guard let row = try await database.read({ try $0.storedObject(key) }) else { return }
        switch try await compare(row) {
        case .good, .withoutChecksum: return
        case .missing: report.missing.append(key)
        case .changed: report.changed.append(key)
        case .unreadable: report.unreadable.append(key)
        }
    }

    private func compare(_ row: StoredObject) async throws -> Found {
        let bytes: [UInt8]
        do { bytes = try await archive.bytes(at: row.key) } catch let error as ClinicError {
            switch error.code {
            case .notFound: return .missing
            case .corrupt: return .changed
            case .storage: return .unreadable
            default: throw error
            }
        }
        let found = try await Offloading.process.wait { StoredObject(bytes, at: row.key) }
        guard row.matches(found) else { return .changed }
        return row.sha256 == nil ? .withoutChecksum(found) : .good
    }

    /// Folders of before checksums were kept: their files are whatever lies in them.
    private func look(
        into folders: [String], _ rest: inout Set<String>, _ report: inout Report, _ progress: (Int) -> Void
    ) async throws {
        let byFolder = Dictionary(grouping: rest, by: { StoredObject.folder(of: $0) ?? "" })
        for folder in folders {
            let keys = (byFolder[folder] ?? []).sorted()
            rest.subtract(keys)
            var found: [StoredObject] = []
            for key in keys {
                report.files += 1
                progress(report.files)
                switch try await compare(StoredObject(key: key, sha256: nil, byteCount: nil)) {
                case .withoutChecksum(let object): found.append(object)
                case .unreadable: report.unreadable.append(key)
                case .changed: report.changed.append(key)
                case .good, .missing: break
                }
            }
            report.withoutChecksum += found.count
            if try await record(found, of: folder, isEmpty: keys.isEmpty, &report) { report.missing.append(folder) }
        }
    }

    /// Writes down all files of a folder, which then has no others, where that is wanted.
    ///
    /// - Returns: Whether it has none at all.
    private func record(
        _ found: [StoredObject], of folder: String, isEmpty: Bool, _ report: inout Report
    ) async throws -> Bool {
        let known = try await database.read { transaction in
            try transaction.storedObjects(after: folder, limit: Self.page).filter { $0.key.hasPrefix(folder) }
        }
        guard try await database.read({ try $0.storedObject(folder) }) != nil else { return false }
        guard recording, !found.isEmpty || !known.isEmpty else { return isEmpty && known.isEmpty }
        try await database.write { transaction in
            guard try transaction.storedObject(folder) != nil else { return }
            try transaction.forgetObjects([folder])
            try transaction.record(known + found)
        }
        report.recorded += found.count
        return false
    }

    private func isStranger(_ key: String) async throws -> Bool {
        try await database.read { try $0.expectedObject(key) } == nil
    }
}
