import Findings
import Foundation

/// Labelled images of one folder, with their duplicate groups.
public struct Dataset: Sendable {
    /// One image, as training needs it.
    public struct Item: Sendable, Equatable {
        /// The file.
        public let url: URL
        /// Path below the folder of the data set; names the image in reports.
        public let file: String
        /// The class, 0...3.
        public let label: Int
        /// Number of the duplicate group.
        public let group: Int
        /// The person the sample is from, where known.
        public let patient: String?
        /// The acquisition series, where known.
        public let series: String?
        /// The acquisition run, where known.
        public let run: String?
    }

    /// File name of the manifest in the folder of an imported set.
    public static let manifestName = "manifest.csv"
    /// The list of single cells in the folder of an export or an imported set, beside their folders by type.
    public static let cellsName = "cells/cells.csv"
    /// File name of the list of refused files in the folder of an imported set.
    public static let rejectedName = "rejected.csv"

    /// The folder that the paths of the manifest start from.
    public let folder: URL
    /// One row an image.
    public var manifest: Manifest
    /// Files that were found and refused.
    public let rejected: [RejectedFile]

    public init(folder: URL, manifest: Manifest, rejected: [RejectedFile] = []) {
        (self.folder, self.manifest, self.rejected) = (folder, manifest, rejected)
    }

    /// The images, in the order of the manifest; splits give positions in this list.
    public var items: [Item] {
        manifest.entries.map { entry in
            Item(
                url: folder.appendingPathComponent(entry.file), file: entry.file, label: entry.label,
                group: entry.group, patient: entry.patient, series: entry.series, run: entry.run)
        }
    }

    /// Images of each class, in class order.
    public var classCounts: [Int] {
        manifest.entries.reduce(into: [Int](repeating: 0, count: SmearClass.allCases.count)) { $0[$1.label] += 1 }
    }

    /// Opens an imported set by its manifest; a folder without one is scanned.
    ///
    /// - Throws: `DatasetError`.
    public static func load(folder: URL, progress: @escaping Progress = { _, _ in }) throws -> Dataset {
        let manifest = folder.appendingPathComponent(manifestName)
        guard FileManager.default.fileExists(atPath: manifest.path) else {
            return try scan(folder: folder, progress: progress)
        }
        return Dataset(folder: folder, manifest: try Manifest(contentsOf: manifest))
    }

    /// The images of some classes alone; of all where none is named.
    public func keeping(_ classes: Set<Int>) -> Dataset {
        var result = self
        if !classes.isEmpty { result.manifest.entries.removeAll { !classes.contains($0.label) } }
        return result
    }

    /// Called with the number of files done and of all files, from any thread, in no strict order.
    public typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void

    /// The same set with the fold of each image in its manifest, and with no other; an image in no test part has none.
    ///
    /// - Parameter folds: `[fold][image]` positions, as of `Split/folds(of:method:count:seed:)`.
    public func assigning(_ folds: [[Int]]) -> Dataset {
        var result = self
        for position in result.manifest.entries.indices { result.manifest.entries[position].fold = nil }
        for (fold, positions) in folds.enumerated() {
            for position in positions { result.manifest.entries[position].fold = fold }
        }
        return result
    }

    /// The test part of each fold as the manifest has it; empty when the set is not split.
    public var folds: [[Int]] {
        let count = (manifest.entries.compactMap(\.fold).max() ?? -1) + 1
        return manifest.entries.enumerated().reduce(into: [[Int]](repeating: [], count: count)) { folds, row in
            if let fold = row.element.fold { folds[fold].append(row.offset) }
        }
    }

    /// Number of duplicate groups of more than one image.
    public var duplicateGroups: Int {
        Dictionary(grouping: manifest.entries, by: \.group).values.count { $0.count > 1 }
    }
}

/// A folder with a manifest of its own, such as an export of signed readings or a set made earlier: only the files that the
/// manifest names belong to it, with the patients, series and runs that it tells.
struct ExportedFolder: Sendable {
    let manifest: Manifest
    /// Whether single cells lie beside the images, of which there may then be none.
    let hasCells: Bool

    /// - Returns: Nil for a folder without a manifest.
    /// - Throws: `DatasetError` `unreadable`, `malformedTable` or `invalidManifest`.
    init?(_ folder: URL) throws {
        let file = folder.appendingPathComponent(Dataset.manifestName)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        manifest = try Manifest(contentsOf: file)
        hasCells = FileManager.default.fileExists(
            atPath: folder.appendingPathComponent(Dataset.cellsName).path)
    }

    /// The files to read, in the order of their paths.
    var files: [String] { manifest.entries.map(\.file).sorted() }

    /// What the manifest tells of patients, series and runs; where the caller's tables tell something else, theirs counts.
    func facts(under given: SampleFacts) -> SampleFacts {
        var facts = SampleFacts()
        for entry in manifest.entries {
            facts.patients[entry.file] = given.patients[entry.file] ?? entry.patient
            facts.series[entry.file] = given.series[entry.file] ?? entry.series
            facts.runs[entry.file] = given.runs[entry.file] ?? entry.run
        }
        return facts
    }

    /// Images that are not, or not as, the manifest says.
    func changed(_ entries: [Manifest.Entry]) -> [RejectedFile] {
        let known = Dictionary(manifest.entries.map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
        return entries.compactMap { entry in
            guard let listed = known[entry.file] else { return nil }
            if listed.sha256 != entry.sha256 {
                return RejectedFile(
                    file: entry.file, reason: .damaged, detail: "the file is not the one that the manifest names")
            }
            guard listed.label != entry.label else { return nil }
            return RejectedFile(
                file: entry.file, reason: .mislabelled,
                detail: "the manifest says \(listed.key), the folder \(entry.key)")
        }
    }
}
