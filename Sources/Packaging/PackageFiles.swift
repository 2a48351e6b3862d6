import Foundation

/// The files of a model package by name, in memory, as they came in one archive or from a directory.
///
/// They are not checked against each other; `ModelPackage(directory:)` does that once they are written.
public struct PackageFiles: Sendable, Equatable {
    /// Bytes of all files together that are taken at most.
    public static let maximumBytes = 64 << 20
    /// Files that are taken at most.
    public static let maximumCount = 16
    /// Bytes by name; names are of `A–Z a–z 0–9 - _ .` and begin with no dot.
    public let files: [String: [UInt8]]

    /// Takes the files out of a `.zip` or `.tar` archive, told by its content.
    ///
    /// They lie at the archive's top or all in one folder. Nothing touches the disk, nothing larger than the limit is
    /// unpacked whatever the archive says of itself, and a path that leads elsewhere, a link or a device is refused.
    /// - Throws: `PackagingError` with `.unusableArchive` or `.tooLarge`.
    public init(archive bytes: [UInt8]) throws {
        guard bytes.count <= Self.maximumBytes else { throw Self.tooLarge }
        var collected = Collection()
        if ZipReader.isArchive(bytes) {
            try ZipReader(bytes).read(into: &collected)
        } else if TarReader.isArchive(bytes) {
            try TarReader(bytes).read(into: &collected)
        } else if bytes.starts(with: [0x1F, 0x8B]) {
            throw Self.unusable("it is compressed with gzip: send a .zip, or the .tar as it is")
        } else {
            throw Self.unusable("it is neither a .zip nor a .tar archive")
        }
        files = try collected.finished()
    }

    /// Reads the files of a package's directory; folders in it are left out.
    /// - Throws: `PackagingError`.
    public init(directory: URL) throws {
        var collected = Collection()
        do {
            let found = try FileManager.default.contentsOfDirectory(
                at: directory, includingPropertiesForKeys: [.isRegularFileKey, .fileSizeKey])
            for url in found.sorted(by: { $0.path < $1.path }) {
                let values = try url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
                guard values.isRegularFile == true else { continue }
                guard (values.fileSize ?? 0) <= Self.maximumBytes else { throw Self.tooLarge }
                try collected.add([UInt8](Data(contentsOf: url)), at: url.lastPathComponent)
            }
        } catch let error as PackagingError {
            throw error
        } catch {
            throw PackagingError(.inputOutput, "cannot be read", path: directory.path, underlying: error)
        }
        files = try collected.finished()
    }

    /// - Parameter files: Bytes by name.
    public init(files: [String: [UInt8]]) throws {
        var collected = Collection()
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) { try collected.add(bytes, at: name) }
        self.files = try collected.finished()
    }

    /// Writes the files into a directory that does not exist yet.
    /// - Throws: `PackagingError`.
    public func write(to directory: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for (name, bytes) in files {
                try Data(bytes).write(to: directory.appendingPathComponent(name), options: .withoutOverwriting)
            }
        } catch {
            throw PackagingError(.inputOutput, "cannot be written", path: directory.path, underlying: error)
        }
    }

    static func unusable(_ reason: String) -> PackagingError {
        PackagingError(.unusableArchive, "the archive cannot be used: \(reason)", path: "")
    }

    static var tooLarge: PackagingError {
        PackagingError(.tooLarge, "a package holds \(maximumBytes >> 20) MB at most", path: "")
    }
}

extension PackageFiles {
    /// Gathers files while an archive is read, and holds to the limits.
    struct Collection {
        private var entries: [(path: [String], bytes: [UInt8])] = []
        private var total = 0

        /// Bytes that may still come.
        var allowance: Int { maximumBytes - total }

        /// - Parameters:
        ///   - bytes: The file's content.
        ///   - path: As the archive names it.
        mutating func add(_ bytes: [UInt8], at path: String) throws {
            let parts = try Self.parts(of: path)
            // What macOS adds to archives on its own.
            if parts.first == "__MACOSX" || parts.last?.hasPrefix(".") == true { return }
            guard parts.count <= 2 else {
                throw unusable("“\(path)” lies deeper than one folder")
            }
            total += bytes.count
            guard total <= maximumBytes else { throw tooLarge }
            guard entries.count < maximumCount else { throw unusable("it holds more than \(maximumCount) files") }
            guard !entries.contains(where: { $0.path.last == parts.last }) else {
                throw unusable("“\(parts.last ?? path)” is in it twice")
            }
            entries.append((parts, bytes))
        }

        /// The files without their common folder.
        func finished() throws -> [String: [UInt8]] {
            guard !entries.isEmpty else { throw unusable("it holds no file") }
            guard Set(entries.map { $0.path.dropLast() }).count == 1 else {
                throw unusable("its files lie in more than one folder")
            }
            return Dictionary(
                entries.map { ($0.path.last ?? "", $0.bytes) }, uniquingKeysWith: { first, _ in first })
        }

        /// The folders and the name of a path that stays where it is.
        private static func parts(of path: String) throws -> [String] {
            var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            if parts.first == "." { parts.removeFirst() }
            let isSafe = parts.allSatisfy { part in
                !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 100
                    && part.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                    }
            }
            guard isSafe, !parts.isEmpty else {
                throw unusable("“\(path.prefix(120))” is no name of a package's file")
            }
            return parts
        }
    }
}
