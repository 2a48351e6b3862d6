import Formats
import Foundation

/// A file that is not part of the data set, and why. Nothing is left out without one.
public struct RejectedFile: Sendable, Equatable, Codable {
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// A file or folder that cannot be opened, a link, or a name that is not written in UTF-8.
        case unreadable
        /// The file holds no bytes.
        case empty
        /// The content is no image of an accepted format, whatever the name says.
        case wrongType = "wrong-type"
        /// The file ends early, is damaged, or breaks a limit of size.
        case damaged
        /// No folder above the file names a class.
        case unknownFolder = "unknown-folder"
        /// The same bytes lie in the folders of different classes.
        case mislabelled
        /// What macOS or Windows write beside files.
        case systemFile = "system-file"
        /// A segmented copy, where the originals lie beside the segmented images.
        case segmented

        /// Whether nothing that somebody may miss is left out.
        public var isExpected: Bool { self == .systemFile || self == .segmented }
    }

    /// Path below the scanned folder, with `/`.
    public let file: String
    public let reason: Reason
    /// What exactly was found, in words.
    public let detail: String

    /// The table `rejected.csv`: file, reason, detail.
    static func csv(_ files: [RejectedFile]) -> String {
        CSV.table([["file", "reason", "detail"]] + files.map { [$0.file, $0.reason.rawValue, $0.detail] })
    }
}
