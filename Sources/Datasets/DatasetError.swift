/// Why a data set could not be read, written or split.
public struct DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// A folder or file that should be there is not, or cannot be read.
        case unreadable
        /// No usable image of any class.
        case noImages
        /// The target folder exists already.
        case alreadyExists
        /// A file or folder could not be written.
        case unwritable
        /// A table that breaks the rules of its format, or lacks a column.
        case malformedTable
        /// A manifest whose rows contradict themselves.
        case invalidManifest
        /// A split that this data set cannot be given, such as `patients` without patients.
        case impossibleSplit
    }

    public let code: Code
    /// What is wrong and what to do, in words.
    public let message: String
    /// The file or folder concerned.
    public var path: String?
    /// The line of the table concerned, from 1.
    public var line: Int?

    public init(_ code: Code, _ message: String, path: String? = nil, line: Int? = nil) {
        (self.code, self.message, self.path, self.line) = (code, message, path, line)
    }

    public var description: String {
        var place = path ?? ""
        if let line { place += (place.isEmpty ? "line " : ":") + "\(line)" }
        return place.isEmpty ? message : "\(place): \(message)"
    }
}
