import Foundation

/// What is wrong with an imported set, found by reading every file again.
public struct DatasetCheck: Sendable, Equatable {
    public enum Problem: String, Sendable, Codable, CaseIterable {
        /// The manifest names a file that is not there or cannot be read.
        case missing
        /// The bytes of the file are not those of the manifest.
        case changed
        /// A file lies in the set that the manifest does not name.
        case unlisted
        /// The same bytes stand under two classes.
        case mislabelled
        /// A duplicate group lies in more than one fold, or in more than one run.
        case straddles
        /// Identical files stand in different groups.
        case ungrouped
    }

    /// One finding.
    public struct Finding: Sendable, Equatable {
        public let file: String
        public let problem: Problem
        /// What exactly was found, in words.
        public let detail: String
    }

    /// Everything found, ordered by file; empty for a sound set.
    public let findings: [Finding]

    /// Reads every file of `dataset` and compares it with the manifest.
    ///
    /// - Throws: `DatasetError` `unreadable` when the folder cannot be listed.
    public init(_ dataset: Dataset, progress: @escaping Dataset.Progress = { _, _ in }) throws {
        var findings = Self.files(of: dataset, progress: progress)
        let cells = try CellCollection(in: dataset.folder)?.cells ?? []
        findings += cells.compactMap { Self.finding($0.file, sha256: $0.sha256, in: dataset) }
        let listed = Set(
            dataset.manifest.entries.map(\.file) + cells.map(\.file)
                + [Dataset.manifestName, Dataset.rejectedName, Dataset.cellsName])
        let refused = Set(dataset.rejected.map(\.file))
        let listing = try FolderListing(of: dataset.folder)
        for file in listing.files + listing.refused.map(\.file) where !listed.contains(file) {
            guard !refused.contains(file) else { continue }
            findings.append(Finding(file: file, problem: .unlisted, detail: "the manifest does not name this file"))
        }
        findings += DatasetScanner.mislabelled(dataset.manifest.entries).map {
            Finding(file: $0.file, problem: .mislabelled, detail: $0.detail)
        }
        findings += Self.table(dataset.manifest.entries)
        self.findings = findings.sorted { ($0.file, $0.problem.rawValue) < ($1.file, $1.problem.rawValue) }
    }

    private static func files(of dataset: Dataset, progress: Dataset.Progress) -> [Finding] {
        let entries = dataset.manifest.entries
        return entries.enumerated().compactMap { position, entry in
            defer { progress(position + 1, entries.count) }
            return finding(entry.file, sha256: entry.sha256, in: dataset)
        }
    }

    /// What is wrong with a file that manifest or list of cells name.
    private static func finding(_ file: String, sha256: String, in dataset: Dataset) -> Finding? {
        do {
            let data = try Data(contentsOf: dataset.folder.appendingPathComponent(file))
            guard data.sha256 != sha256 else { return nil }
            return Finding(file: file, problem: .changed, detail: "SHA-256 differs from the manifest")
        } catch {
            return Finding(file: file, problem: .missing, detail: error.localizedDescription)
        }
    }

    /// What the rows of the manifest say against each other.
    private static func table(_ entries: [Manifest.Entry]) -> [Finding] {
        var findings: [Finding] = []
        for (digest, same) in Dictionary(grouping: entries, by: \.sha256) where Set(same.map(\.group)).count > 1 {
            let detail = "identical files (\(digest.prefix(12))…) stand in different groups"
            findings.append(Finding(file: same[0].file, problem: .ungrouped, detail: detail))
        }
        for (group, members) in Dictionary(grouping: entries, by: \.group) where folds(members).count > 1 {
            let detail = "group \(group) lies in folds \(folds(members).map(String.init).joined(separator: ", "))"
            findings.append(Finding(file: members[0].file, problem: .straddles, detail: detail))
        }
        for (group, members) in Dictionary(grouping: entries, by: \.group) where Set(members.map(\.run)).count > 1 {
            let runs = Set(members.map { $0.run ?? SampleFacts.unassigned }).sorted().joined(separator: ", ")
            let detail = "group \(group) lies in runs \(runs)"
            findings.append(Finding(file: members[0].file, problem: .straddles, detail: detail))
        }
        return findings
    }

    private static func folds(_ entries: [Manifest.Entry]) -> [Int] {
        // A row without a fold beside rows with one counts as a fold of its own: -1.
        Set(entries.map { $0.fold ?? -1 }).sorted()
    }
}
