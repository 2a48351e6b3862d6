import Findings
import Foundation

extension Dataset {
    /// Copies the labelled images of a folder into a new set: `<set>/images/<class key>/…`, manifest and rejected list.
    ///
    /// The set appears whole or not at all: it is put together beside its place and renamed.
    ///
    /// A source with a manifest of its own, such as an export of signed readings, gives the files that the manifest names,
    /// with their patients, series and runs; single cells beside them (`CellCollection`) come along.
    ///
    /// - Parameters:
    ///   - source: Holds the class folders.
    ///   - target: The folder to make; must not exist.
    ///   - facts: Patients, series and runs by path below `source`.
    /// - Returns: The new set, with every refused file in `rejected`.
    /// - Throws: `DatasetError` `alreadyExists`, `unwritable`, and those of `scan(folder:facts:criteria:progress:)`.
    public static func importing(
        _ source: URL, into target: URL, facts: SampleFacts = SampleFacts(),
        criteria: DuplicateCriteria = DuplicateCriteria(), progress: @escaping Progress = { _, _ in }
    ) throws -> Dataset {
        guard !FileManager.default.fileExists(atPath: target.path) else {
            throw DatasetError(.alreadyExists, "the target exists already; name a new folder", path: target.path)
        }
        let scanned = try scan(
            folder: source, exported: ExportedFolder(source), facts: facts, criteria: criteria, progress: progress)
        let parent = target.deletingLastPathComponent()
        let partial = parent.appendingPathComponent(".\(target.lastPathComponent).\(UUID().uuidString).partial")
        do {
            let manifest = try copy(scanned, to: partial)
            let cells = try CellCollection(in: source)?.copy(from: source, to: partial) ?? []
            let rejected = scanned.rejected + cells
            try manifest.write(to: partial.appendingPathComponent(manifestName))
            try Data(RejectedFile.csv(rejected).utf8).write(
                to: partial.appendingPathComponent(rejectedName), options: .atomic)
            try FileManager.default.moveItem(at: partial, to: target)
            return Dataset(folder: target, manifest: manifest, rejected: rejected)
        } catch {
            if FileManager.default.fileExists(atPath: partial.path) { try FileManager.default.removeItem(at: partial) }
            if let error = error as? DatasetError { throw error }
            throw DatasetError(.unwritable, "the set cannot be written: \(error)", path: target.path)
        }
    }

    private static func copy(_ scanned: Dataset, to folder: URL) throws -> Manifest {
        var names: Set<String> = []
        var manifest = scanned.manifest
        for key in SmearClass.keys {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("images/\(key)"), withIntermediateDirectories: true)
        }
        for (position, entry) in scanned.manifest.entries.enumerated() {
            let name = freeName(for: entry, taken: &names)
            try FileManager.default.copyItem(
                at: scanned.folder.appendingPathComponent(entry.file), to: folder.appendingPathComponent(name))
            manifest.entries[position].file = name
        }
        return manifest
    }

    /// The name of the file itself, with a number where two folders hold the same name.
    private static func freeName(for entry: Manifest.Entry, taken names: inout Set<String>) -> String {
        let original = URL(fileURLWithPath: entry.file).lastPathComponent
        let stem = (original as NSString).deletingPathExtension, type = (original as NSString).pathExtension
        var name = "images/\(entry.key)/\(original)", copy = 2
        while !names.insert(name.lowercased()).inserted {
            name = "images/\(entry.key)/\(stem)~\(copy)" + (type.isEmpty ? "" : ".\(type)")
            copy += 1
        }
        return name
    }
}
