import Clinic
import Formats
import Foundation

/// What a backup says of itself, in `manifest.json`.
public struct BackupManifest: Codable, Sendable, Equatable {
    /// The form of the backup; this program reads 1.
    public let formatVersion: Int
    /// The schema that the rows are of.
    public let schemaVersion: Int
    /// Seconds since 1970 UTC.
    public let createdAt: Int64
    /// Rows of each table.
    public let rows: [String: Int]
    /// Files of the archive.
    public let files: Int
    /// Files that rows name and that were not there or could not be read, in the order of their keys; a key that ends in
    /// `/` stands for a folder without any file.
    public let missing: [String]
    /// Files that are here and are not what was written.
    public let changed: [String]

    /// Whether everything was there as it was written.
    public var isWhole: Bool { missing.isEmpty && changed.isEmpty }

    /// Whether a file could not be had when the backup was made.
    func lacks(_ key: String) -> Bool {
        missing.contains { $0 == key || ($0.hasSuffix("/") && key.hasPrefix($0)) }
    }

    static let fileName = "manifest.json"
    static let currentFormat = 1
}

extension BackupManifest {
    /// Older backups say nothing of what they lack.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        formatVersion = try values.decode(Int.self, forKey: .formatVersion)
        schemaVersion = try values.decode(Int.self, forKey: .schemaVersion)
        createdAt = try values.decode(Int64.self, forKey: .createdAt)
        rows = try values.decode([String: Int].self, forKey: .rows)
        files = try values.decode(Int.self, forKey: .files)
        missing = try values.decodeIfPresent([String].self, forKey: .missing) ?? []
        changed = try values.decodeIfPresent([String].self, forKey: .changed) ?? []
    }
}

/// What rows name and the archive did not give as it was written.
struct BackupLacks: Sendable {
    var missing: Set<String> = []
    var changed: Set<String> = []

    /// Whether nothing is in it that was not in another one.
    func isWithin(_ other: BackupLacks) -> Bool {
        missing.isSubset(of: other.missing) && changed.isSubset(of: other.changed)
    }
}

/// The checksums of every file of a backup, as `sha256sum -c SHA256SUMS` reads them.
struct BackupChecksums {
    static let fileName = "SHA256SUMS"
    private(set) var digests: [String: String] = [:]

    init() {}

    /// - Throws: `ClinicError.corrupt`, `.storage`.
    init(in directory: URL) throws {
        let file = directory.appending(path: Self.fileName)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw ClinicError(.corrupt, fault: "\(directory.path) is no backup: it has no \(Self.fileName).")
        }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].count == 64, parts[1].first == " " else {
                throw ClinicError(.corrupt, fault: "\(Self.fileName) in the backup is damaged.")
            }
            digests[String(parts[1].dropFirst())] = String(parts[0])
        }
    }

    mutating func add(_ digest: String, for name: String) {
        digests[name] = digest
    }

    mutating func remove(_ name: String) {
        digests[name] = nil
    }

    var text: String {
        digests.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }.joined()
    }
}
