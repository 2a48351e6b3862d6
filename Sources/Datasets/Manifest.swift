import Crypto
import Findings
import Formats
import Foundation

/// The table of a data set: one row an image, in a fixed order, written as CSV (RFC 4180, UTF-8).
public struct Manifest: Sendable, Equatable {
    /// One image.
    public struct Entry: Sendable, Equatable {
        /// Path of the image below the folder of the manifest, with `/`.
        public var file: String
        /// The class, 0...3 (see `SmearClass.index`).
        public var label: Int
        /// SHA-256 of the file, 64 lower-case hexadecimal digits.
        public var sha256: String
        /// Size of the file in bytes.
        public var bytes: Int
        /// Size as shown, in pixels.
        public var width: Int
        public var height: Int
        /// Where the file came from: its path below the imported folder.
        public var source: String
        /// The person the sample is from, where known.
        public var patient: String?
        /// The acquisition series (microscope, camera, session), where known.
        public var series: String?
        /// The acquisition run (a slide or sitting; see `RunInference`), where known.
        public var run: String?
        /// Number of the duplicate group; equal for images that show the same field.
        public var group: Int
        /// The fold whose test part this image is in, once the set is split.
        public var fold: Int?
        /// Values of `Manifest/additionalColumns`, in their order.
        public var additional: [String] = []

        /// - Precondition: `label` is a class, 0...3.
        public init(
            file: String, label: Int, sha256: String, bytes: Int, width: Int, height: Int, source: String,
            patient: String? = nil, series: String? = nil, run: String? = nil, group: Int, fold: Int? = nil,
            additional: [String] = []
        ) {
            precondition(SmearClass.allCases.indices.contains(label), "\(label) is no class")
            (self.file, self.label, self.sha256, self.bytes) = (file, label, sha256, bytes)
            (self.width, self.height, self.source, self.patient) = (width, height, source, patient)
            (self.series, self.run, self.group) = (series, run, group)
            (self.fold, self.additional) = (fold, additional)
        }

        /// The class key of `label`.
        public var key: String { SmearClass.keys[label] }
    }

    /// The columns that every manifest has, in order.
    public static let columns = [
        "file", "label", "sha256", "bytes", "width", "height", "source", "patient", "series", "group", "fold",
    ]

    /// The column that a manifest has where the run of any image is known; last of those that have a meaning here.
    public static let runColumn = "run"

    public var entries: [Entry]
    /// Columns that somebody added; kept as they are.
    public var additionalColumns: [String]

    public init(entries: [Entry], additionalColumns: [String] = []) {
        self.entries = entries
        self.additionalColumns = additionalColumns
    }

    /// The table as CSV; deterministic, byte for byte.
    public var csv: String {
        let hasRuns = entries.contains { $0.run != nil }
        let rows = entries.map { entry in
            let known = [
                entry.file, entry.key, entry.sha256, String(entry.bytes), String(entry.width), String(entry.height),
                entry.source, entry.patient ?? "", entry.series ?? "", String(entry.group),
                entry.fold.map(String.init) ?? "",
            ]
            return known + (hasRuns ? [entry.run ?? ""] : []) + entry.additional
        }
        return CSV.table([Self.columns + (hasRuns ? [Self.runColumn] : []) + additionalColumns] + rows)
    }

    /// SHA-256 of `csv`, 64 lower-case hexadecimal digits: names the data of a training run.
    public var sha256: String { Data(csv.utf8).sha256 }

    /// Writes `csv`, whole or not at all.
    ///
    /// - Throws: `DatasetError` `unwritable`.
    public func write(to url: URL) throws {
        do {
            try Data(csv.utf8).write(to: url, options: .atomic)
        } catch {
            throw DatasetError(.unwritable, "the manifest cannot be written: \(error)", path: url.path)
        }
    }
}

extension Data {
    /// SHA-256 as 64 lower-case hexadecimal digits.
    var sha256: String { SHA256.hash(data: self).hexadecimal }
}
