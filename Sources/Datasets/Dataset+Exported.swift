import Foundation

/// A folder with a manifest of its own, such as an export of signed readings or a set made earlier: only the files that the
/// manifest names belong to it, with the patients and series that it tells.
struct ExportedFolder: Sendable {
    let manifest: Manifest

    /// - Returns: Nil for a folder without a manifest.
    /// - Throws: `DatasetError` `unreadable`, `malformedTable` or `invalidManifest`.
    init?(_ folder: URL) throws {
        let file = folder.appendingPathComponent(Dataset.manifestName)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        manifest = try Manifest(contentsOf: file)
    }

    /// The files to read, in the order of their paths.
    var files: [String] { manifest.entries.map(\.file).sorted() }

    /// What the manifest tells of patients and series; where the caller's tables tell something else, theirs counts.
    func facts(under given: SampleFacts) -> SampleFacts {
        var facts = SampleFacts()
        for entry in manifest.entries {
            facts.patients[entry.file] = given.patients[entry.file] ?? entry.patient
            facts.series[entry.file] = given.series[entry.file] ?? entry.series
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
