import Crypto
import Formats

/// A file of the archive as it was written: what it has to be whenever it is read.
public struct StoredObject: Sendable, Equatable {
    /// Where it is in the archive. One that ends in `/` is a folder of before checksums were kept, whose files are not known.
    public let key: String
    /// SHA-256, 64 lower-case hexadecimal digits; nil for a file of before, until it is read for the first time.
    public let sha256: String?
    /// Nil where it is not known.
    public let byteCount: Int?

    public init(key: String, sha256: String?, byteCount: Int?) {
        (self.key, self.sha256, self.byteCount) = (key, sha256, byteCount)
    }

    /// - Parameters:
    ///   - bytes: What is written.
    ///   - key: Where.
    public init(_ bytes: [UInt8], at key: String) {
        self.init(key: key, sha256: SHA256.hash(data: bytes).hexadecimal, byteCount: bytes.count)
    }

    /// Whether a file can be this one: the same bytes, and as many where no more is known.
    public func matches(_ found: StoredObject) -> Bool {
        (sha256 == nil || sha256 == found.sha256) && (byteCount == nil || byteCount == found.byteCount)
    }

    /// The folder that a file of several belongs to, with its `/`; nil for a file by itself.
    public static func folder(of key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, ["screenings", "models"].contains(parts[0]) else { return nil }
        return "\(parts[0])/\(parts[1])/"
    }

    /// What is thrown in place of a file that is not what was written.
    public static var changed: ClinicError { ClinicError(.corrupt, "errors.stored.changed") }
}

/// The checksums of the files in the archive.
public protocol StoredObjectRows {
    /// Writes down what files are, in place of what was known of them.
    func record(_ objects: [StoredObject]) throws
    func storedObject(_ key: String) throws -> StoredObject?
    /// In the order of their keys.
    func storedObjects(after key: String, limit: Int) throws -> [StoredObject]
    /// Forgets files, and all files under a key that ends in `/`.
    func forgetObjects(_ keys: [String]) throws
}

extension StoredObjectRows {
    /// What a file has to be: known by itself, or by its folder, of which then nothing more is known.
    public func expectedObject(_ key: String) throws -> StoredObject? {
        if let object = try storedObject(key) { return object }
        guard let folder = StoredObject.folder(of: key), try storedObject(folder) != nil else { return nil }
        return StoredObject(key: key, sha256: nil, byteCount: nil)
    }
}
