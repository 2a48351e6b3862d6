import Findings
import Foundation
import Imaging
import Synchronization

extension Dataset {
    /// Reads every file below `folder`, in place: classes by folder name, SHA-256, size, duplicate groups.
    ///
    /// Files stand in class order, then by name, numbers counting as numbers. Every file that is not an image of a class
    /// is listed in `rejected`, and so are folders that cannot be read, names that are not written in UTF-8, links, what
    /// systems write beside files, and the segmented copies of originals that lie beside them.
    ///
    /// - Parameters:
    ///   - folder: Holds the class folders, at any depth.
    ///   - facts: Patients, series and runs by path below `folder`.
    ///   - criteria: When two images count as the same field.
    /// - Throws: `DatasetError` `unreadable`, `noImages`, or `malformedTable` for facts about files that do not exist.
    public static func scan(
        folder: URL, facts: SampleFacts = SampleFacts(), criteria: DuplicateCriteria = DuplicateCriteria(),
        progress: @escaping Progress = { _, _ in }
    ) throws -> Dataset {
        try scan(folder: folder, exported: nil, facts: facts, criteria: criteria, progress: progress)
    }

    static func scan(
        folder: URL, exported: ExportedFolder?, facts given: SampleFacts, criteria: DuplicateCriteria,
        progress: @escaping Progress
    ) throws -> Dataset {
        let listing = try exported == nil ? FolderListing(of: folder) : nil
        let aside = AsideFiles(listing?.files ?? [])
        let files = exported?.files ?? aside.images
        try given.check(against: Set(files + aside.leftOut.map(\.file)))
        let facts = exported?.facts(under: given) ?? given
        let examined = DatasetScanner.examine(files, in: folder, progress: progress)
        var images: [(entry: Manifest.Entry, similarity: ImageSimilarity)] = []
        var rejected = (listing?.refused ?? []) + aside.leftOut
        for result in examined {
            switch result {
            case .image(let entry, let similarity): images.append((entry, similarity))
            case .refused(let file): rejected.append(file)
            }
        }
        let entries = images.map(\.entry)
        let mislabelled = DatasetScanner.mislabelled(entries) + (exported?.changed(entries) ?? [])
        rejected.append(contentsOf: mislabelled)
        let refused = Set(mislabelled.map(\.file))
        images.removeAll { refused.contains($0.entry.file) }
        guard !images.isEmpty || exported?.hasCells == true else {
            let found = "no image of any class among \(files.count) files"
            let hint = "images must lie in folders named \(SmearClass.allCases.map(\.folder).joined(separator: ", "))"
            throw DatasetError(.noImages, "\(found); \(hint)", path: folder.path)
        }
        images.sort { first, second in
            guard first.entry.label == second.entry.label else { return first.entry.label < second.entry.label }
            return FileOrder.precedes(first.entry.file, second.entry.file)
        }
        let groups = DuplicateGroups.find(
            digests: images.map(\.entry.sha256), similarities: images.map(\.similarity), criteria: criteria)
        let grouped = zip(images, groups).map { image, group in
            var entry = image.entry
            entry.group = group
            entry.patient = facts.patients[entry.file]
            entry.series = facts.series[entry.file]
            entry.run = facts.run(of: entry.file)
            return entry
        }
        rejected.sort { $0.file < $1.file }
        return Dataset(folder: folder, manifest: Manifest(entries: grouped), rejected: rejected)
    }
}

/// Reads the files of a folder.
enum DatasetScanner {
    /// Examines the files on all processors; the results stand in the order of `files`.
    static func examine(
        _ files: [String], in folder: URL, progress: @escaping Dataset.Progress
    ) -> [FileExamination] {
        let results = Mutex<[Int: FileExamination]>([:])
        DispatchQueue.concurrentPerform(iterations: files.count) { position in
            let result = FileExamination(file: files[position], in: folder)
            let done = results.withLock { results in
                results[position] = result
                return results.count
            }
            progress(done, files.count)
        }
        return results.withLock { results in files.indices.compactMap { results[$0] } }
    }

    /// Images whose bytes lie in folders of different classes: none of the labels can be trusted.
    static func mislabelled(_ entries: [Manifest.Entry]) -> [RejectedFile] {
        Dictionary(grouping: entries, by: \.sha256).values.flatMap { same -> [RejectedFile] in
            guard Set(same.map(\.label)).count > 1 else { return [] }
            return same.map { entry in
                let others = same.filter { $0.label != entry.label }.map(\.file).sorted()
                let detail = "the same bytes are in another class: \(others.joined(separator: ", "))"
                return RejectedFile(file: entry.file, reason: .mislabelled, detail: detail)
            }
        }
    }
}
