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
    }

    /// File name of the manifest in the folder of an imported set.
    public static let manifestName = "manifest.csv"
    /// File name of the list of refused files in the folder of an imported set.
    public static let rejectedName = "rejected.csv"

    /// The folder that the paths of the manifest start from.
    public let folder: URL
    /// One row an image.
    public var manifest: Manifest
    /// Files that were found and refused.
    public let rejected: [RejectedFile]

    public init(folder: URL, manifest: Manifest, rejected: [RejectedFile] = []) {
        self.folder = folder
        self.manifest = manifest
        self.rejected = rejected
    }

    /// The images, in the order of the manifest; splits give positions in this list.
    public var items: [Item] {
        manifest.entries.map { entry in
            Item(
                url: folder.appendingPathComponent(entry.file), file: entry.file, label: entry.label,
                group: entry.group, patient: entry.patient, series: entry.series)
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

    /// Called with the number of files done and of all files, from any thread, in no strict order.
    public typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void
}
